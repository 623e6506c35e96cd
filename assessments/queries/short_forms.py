"""Reads of short forms: the ones to start from, the ones an administrator manages, what there is to choose."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from assessments.models import Activity, Assessment, Competence, FrameworkRevision, ShortForm
from assessments.queries.counting import counted
from assessments.revisions.data import fingerprint

Content = dict[str, Any]


def is_form_used(short_form: ShortForm) -> bool:
    """Whether the short form is frozen: the question that the database's guard asks."""
    return short_form.assessments.exists()


def short_forms_offered(revision: FrameworkRevision) -> Sequence[Any]:
    """The short forms that an assessment may start from, in the order of a case, with their activities."""
    forms = _with_counts(ShortForm.objects.filter(revision=revision, is_retired=False))
    order = list(ShortForm.Purpose)
    return sorted(forms, key=lambda row: order.index(row.purpose))


def short_form_managed(pk: int) -> Any:
    """One short form with what an administrator needs to know about it. Raises DoesNotExist."""
    return _with_counts(ShortForm.objects.select_related("revision__framework")).get(pk=pk)


def revisions_with_forms() -> QuerySet[FrameworkRevision]:
    """Every published revision, and any other one that has short forms; its forms in `managed`, offered ones first."""
    forms = _with_counts(ShortForm.objects.order_by("is_retired", "name", "pk"))
    has_forms = Exists(ShortForm.objects.filter(revision=OuterRef("pk")))
    return (
        FrameworkRevision.objects.filter(Q(status=FrameworkRevision.Status.PUBLISHED) | has_forms)
        .select_related("framework")
        .prefetch_related(Prefetch("short_forms", queryset=forms, to_attr="managed"))
        .newest_first()
    )


def _with_counts(forms: QuerySet[ShortForm]) -> QuerySet[Any]:
    return forms.annotate(
        competence_count=counted(Competence.objects.rateable(), "activity__short_forms"),
        assessment_count=counted(Assessment.objects.all(), "short_form"),
    ).prefetch_related("activities")


def activities_to_choose(revision: FrameworkRevision) -> QuerySet[Activity]:
    """A revision's activities in printed order, each with its number of competences."""
    rateable = Count("competences", filter=Q(competences__is_rateable=True))
    activities = Activity.objects.rateable().filter(revision=revision).select_related("domain")
    return activities.annotate(competence_count=rateable).order_by("position")


def activities_within(short_form: ShortForm) -> QuerySet[Activity]:
    return activities_to_choose(short_form.revision).filter(short_forms=short_form)


def same_activities(short_form: ShortForm, revision: FrameworkRevision) -> QuerySet[Activity]:
    """A revision's activities that have the keys of those of a short form, which may be another revision's."""
    return revision.activities.filter(key__in=[activity.key for activity in short_form.activities.all()])


def short_form_content(short_form: ShortForm) -> Content:
    """What an editor sees and changes."""
    codes = short_form.activities.order_by("position").values_list("code", flat=True)
    return {"name": short_form.name, "purpose": short_form.purpose, "activities": list(codes)}


def short_form_fingerprint(content: Content) -> str:
    """The same for the same content: by it an editor says what was on screen."""
    return fingerprint(content)
