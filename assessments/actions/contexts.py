"""What a draft rests on, and which activities it covers."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments import permissions, policies
from assessments.actions import audit
from assessments.exceptions import Refused
from assessments.models import Activity, Assessment, AuditEvent, FrameworkRevision, User
from assessments.models.assessment import CONTEXT


def check_context(context: dict[str, Any]) -> None:
    if context["source"] == Assessment.Source.RECORDED and not context.get("is_consent_confirmed"):
        raise Refused(
            "A recorded session needs the client's consent to recording. Confirm it, or choose another source."
        )
    if context["session_on"] > timezone.localdate():
        raise Refused("The date of the session lies in the future.")


def check_extent(revision: FrameworkRevision, activities: Iterable[Activity]) -> list[Activity]:
    """The activities to rate; one that holds nothing to rate itself is left out."""
    chosen = list(activities)
    if any(activity.revision_id != revision.pk for activity in chosen):
        raise Refused("An assessment covers activities of one revision. Choose them again.")
    rateable = set(Activity.objects.rateable().filter(revision=revision).values_list("pk", flat=True))
    chosen = [activity for activity in chosen if activity.pk in rateable]
    if not chosen:
        raise Refused("Choose at least one activity to rate.")
    return chosen


@transaction.atomic
def correct_context(
    *, by: User, assessment: Assessment, activities: Iterable[Activity], context: dict[str, Any]
) -> Assessment:
    """Correct what a draft rests on, or its extent. An activity that holds ratings stays in."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    permissions.check_can_edit(by, assessment)
    policies.check_has_own_context(assessment)
    check_context(context)
    chosen = check_extent(assessment.revision, activities)
    begun = assessment.activities.filter(competences__ratings__assessment=assessment).exclude(
        pk__in=[activity.pk for activity in chosen]
    )
    if left_out := begun.order_by("position").first():
        raise Refused(f"{left_out.code} holds ratings. Clear them before you leave the activity out.")
    before = {name: str(getattr(assessment, name)) for name in CONTEXT}
    for name, value in context.items():
        setattr(assessment, name, value)
    assessment.save(update_fields=list(context))
    after = {name: str(getattr(assessment, name)) for name in CONTEXT}
    changed = {name: [before[name], after[name]] for name in CONTEXT if before[name] != after[name]}
    changed |= _correct_extent(assessment, chosen)
    audit.record(AuditEvent.Type.CONTEXT_CHANGED, by=by, assessment=assessment, changed=changed)
    return assessment


def _correct_extent(assessment: Assessment, chosen: list[Activity]) -> dict[str, list[str]]:
    """Set the extent; another one is no longer that of the short form it began with. What changed, in words."""
    before = list(assessment.activities.order_by("position").values_list("code", flat=True))
    after = [activity.code for activity in chosen]
    if before == after:
        return {}
    assessment.activities.set(chosen)
    changed = {"activities": [", ".join(before), ", ".join(after)]}
    if assessment.short_form:
        changed["short_form"] = [assessment.short_form.name, ""]
        assessment.short_form = None
        assessment.save(update_fields=["short_form"])
    return changed
