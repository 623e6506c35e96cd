"""Attacks on assessments: states, signatures, locked ratings, records that are only ever added to."""

from django.utils import timezone

from assessments.actions import accesses, assessments, goals
from assessments.models import (
    Assessment,
    AuditEvent,
    Competence,
    FrameworkRevision,
    Goal,
    Rating,
    Report,
    Role,
    Signature,
    Status,
)
from tests import factories
from tests.attacks.sql import EMPTY, copying

SHARE = "UPDATE assessments_assessment SET status = 'shared', shared_at = created_at WHERE id = "
SIGN_OFF = "UPDATE assessments_assessment SET status = 'signed_off', signed_off_at = created_at WHERE id = "
CLOSED = (
    "UPDATE assessments_assessment SET status = 'signed_off', signed_off_at = created_at, closed_as = 'left',"
    " closed_reason = 'Gone.' WHERE id = "
)
EXTENT = "INSERT INTO assessments_assessment_activities (assessment_id, activity_id) VALUES "
CLOSE = "UPDATE assessments_goal SET status = 'met', closed_at = created_at, closed_by_id = {lead}, closed_in_id = "
REOPEN = (
    "UPDATE assessments_goal SET status = 'open', result = '', closed_at = NULL, closed_by_id = NULL,"
    " closed_in_id = NULL WHERE id = "
)

ATTACKS = {
    "guard_assessment_begins_as_draft_insert": [
        copying(Assessment, "shared", id="{new}"),
        copying(Assessment, "signed", id="{new}"),
        copying(Assessment, "withdrawn", id="{new}"),
    ],
    "guard_assessment_begins_on_a_published_revision_insert": [
        copying(Assessment, "draft", id="{new}", revision_id="{sketch}"),
        copying(Assessment, "draft", id="{new}", revision_id="{retired}"),
    ],
    "guard_assessment_takes_a_form_of_its_revision_insert": [
        copying(Assessment, "draft", id="{new}", short_form_id="{form}", revision_id="{second}"),
        copying(Assessment, "formed", id="{new}", revision_id="{second}"),
    ],
    "guard_assessment_takes_a_form_of_its_revision_update": [
        "UPDATE assessments_assessment SET short_form_id = {foreign_form} WHERE id = {draft}"
    ],
    "guard_assessment_is_never_deleted_delete": [
        "DELETE FROM assessments_assessment WHERE id = {draft}",
        "DELETE FROM assessments_assessment WHERE id = {signed}",
    ],
    "guard_assessment_is_frozen_once_closed_update": [
        "UPDATE assessments_assessment SET reply_agreement = 'agree', replied_at = created_at WHERE id = {signed}",
        "UPDATE assessments_assessment SET withdrawn_reason = 'Another.' WHERE id = {withdrawn}",
    ],
    "guard_assessment_keeps_its_pins_update": [
        "UPDATE assessments_assessment SET therapist_id = {lead} WHERE id = {draft}",
        "UPDATE assessments_assessment SET revision_id = {sketch} WHERE id = {draft}",
        "UPDATE assessments_assessment SET scale_id = {sketch_scale} WHERE id = {draft}",
        "UPDATE assessments_assessment SET origin = 'form', entered_by_id = supervisor_id WHERE id = {draft}",
        "UPDATE assessments_assessment SET origin = 'here', entered_by_id = NULL WHERE id = {from_a_form}",
        "UPDATE assessments_assessment SET entered_by_id = {lead} WHERE id = {from_a_form}",
        "UPDATE assessments_assessment SET role = 'self', supervisor_id = therapist_id WHERE id = {draft}",
    ],
    "guard_assessment_is_locked_once_shared_update": [
        "UPDATE assessments_assessment SET summary = 'New' WHERE id = {shared}",
        "UPDATE assessments_assessment SET supervisor_id = {lead} WHERE id = {shared}",
        "UPDATE assessments_assessment SET short_form_id = {form} WHERE id = {shared}",
        "UPDATE assessments_assessment SET short_form_id = NULL WHERE id = {formed_shared}",
    ],
    "guard_assessment_takes_known_steps_update": [
        "UPDATE assessments_assessment SET status = 'lost' WHERE id = {draft}",
        f"{SIGN_OFF}{{signed_draft}}",
    ],
    "guard_assessment_is_complete_when_shared_update": [
        f"{SHARE}{{with_concern}}",
        f"{SHARE}{{with_pending}}",
        f"{SHARE}{{with_inapplicable}}",
        f"{SHARE}{{with_spaces}}",
    ],
    "guard_assessment_has_both_signatures_update": [
        f"{SIGN_OFF}{{shared}}",
        f"{SIGN_OFF}{{half_signed}}",
        f"{SIGN_OFF}{{wants_lead}}",
        f"{SIGN_OFF}{{lead_signed}}",
        f"{CLOSED}{{half_signed}}",
        f"{CLOSED}{{signed_by_both}}",
    ],
    "guard_extent_is_locked_once_shared_insert": [f"{EXTENT}({{shared}}, {{other_activity}})"],
    "guard_extent_is_locked_once_shared_update": [
        "UPDATE assessments_assessment_activities SET activity_id = {other_activity}"
        " WHERE assessment_id = {draft} AND activity_id = {activity}"
    ],
    "guard_extent_is_locked_once_shared_delete": [
        "DELETE FROM assessments_assessment_activities WHERE assessment_id = {shared}"
    ],
    "guard_extent_stays_in_the_revision_insert": [f"{EXTENT}({{draft}}, {{sketch_activity}})"],
    "guard_rating_is_locked_once_shared_insert": [copying(Rating, "shared_rating", competence_id="{unrated}")],
    "guard_rating_is_locked_once_shared_update": [
        "UPDATE assessments_rating SET note = 'New' WHERE id = {shared_rating}",
        "UPDATE assessments_rating SET note = 'New' WHERE assessment_id = {signed}",
        "UPDATE assessments_rating SET competence_id = {unrated} WHERE id = {draft_rating}",
        "UPDATE assessments_rating SET assessment_id = {with_spaces} WHERE id = {draft_rating}",
    ],
    "guard_rating_is_locked_once_shared_delete": [
        "DELETE FROM assessments_rating WHERE id = {shared_rating}",
        "DELETE FROM assessments_rating WHERE assessment_id = {withdrawn}",
    ],
    "guard_rating_stays_in_revision_and_scale_insert": [
        copying(Rating, "draft_rating", competence_id="{sketch_competence}"),
        copying(Rating, "draft_rating", competence_id="{point}"),
        copying(Rating, "draft_rating", competence_id="{unrated}", level_id="{sketch_level}"),
    ],
    "guard_rating_stays_in_revision_and_scale_update": [
        "UPDATE assessments_rating SET level_id = {sketch_level} WHERE id = {draft_rating}"
    ],
    "guard_rating_is_not_applicable_where_the_scale_has_it_insert": [
        copying(Rating, "strict_rating", competence_id="{strict_unrated}", outcome="'not_applicable'")
    ],
    "guard_rating_is_not_applicable_where_the_scale_has_it_update": [
        "UPDATE assessments_rating SET outcome = 'not_applicable' WHERE id = {strict_rating}"
    ],
    "guard_rating_ticks_points_of_its_competence_insert": [
        copying(Rating, "draft_rating", competence_id="{unrated}", points_seen="'S2.2.a'")
    ],
    "guard_rating_ticks_points_of_its_competence_update": [
        "UPDATE assessments_rating SET points_seen = 'S2.2.a' WHERE id = {draft_rating}",
        "UPDATE assessments_rating SET points_seen = 'nonsense' WHERE id = {draft_rating}",
        "UPDATE assessments_rating SET points_seen = ' ' WHERE id = {draft_rating}",
    ],
    "guard_signature_fits_its_assessment_insert": [
        copying(Signature, "signature", assessment_id="{shared}", person_id="{lead}"),
        copying(Signature, "signature", assessment_id="{shared}", person_id="{lead}", role="'lead'"),
        copying(Signature, "signature", assessment_id="{shared}", role="'supervisor'"),
        copying(Signature, "signature", assessment_id="{signed_by_both}", role="'lead'"),
        copying(Signature, "signature", assessment_id="{draft}"),
        copying(Signature, "signature", assessment_id="{withdrawn}"),
        copying(Signature, "signature", assessment_id="{own_shared}"),
        copying(Signature, "signature", assessment_id="{blind}"),
    ],
    "guard_signature_is_only_voided_update": [
        "UPDATE assessments_signature SET person_id = {lead} WHERE id = {signature}",
        "UPDATE assessments_signature SET signed_at = '2020-01-01' WHERE id = {signature}",
        "UPDATE assessments_signature SET voided_at = NULL WHERE id = {voided}",
        "UPDATE assessments_signature SET voided_at = signed_at WHERE assessment_id = {signed}",
    ],
    "guard_signature_is_never_deleted_delete": ["DELETE FROM assessments_signature WHERE id = {signature}"],
    "guard_goal_is_locked_once_shared_insert": [copying(Goal, "goal", id="{new}", assessment_id="{shared}")],
    "guard_goal_is_locked_once_shared_update": [
        "UPDATE assessments_goal SET text = 'New' WHERE id = {shared_goal}",
        "UPDATE assessments_goal SET due_on = '2030-01-01' WHERE id = {shared_goal}",
        "UPDATE assessments_goal SET owner = 'both' WHERE id = {shared_goal}",
        "UPDATE assessments_goal SET judged_by = 'New' WHERE id = {shared_goal}",
        "UPDATE assessments_goal SET therapist_id = {lead} WHERE id = {goal}",
        "UPDATE assessments_goal SET assessment_id = {with_spaces} WHERE id = {goal}",
    ],
    "guard_goal_is_locked_once_shared_delete": ["DELETE FROM assessments_goal WHERE id = {shared_goal}"],
    "guard_goal_begins_open_insert": [copying(Goal, "goal", id="{new}", status="'met'", closed_at="created_at")],
    "guard_goal_is_settled_once_closed_update": [
        f"{REOPEN}{{closed_goal}}",
        "UPDATE assessments_goal SET result = 'New' WHERE id = {closed_goal}",
        "UPDATE assessments_goal SET status = 'dropped' WHERE id = {closed_goal}",
    ],
    "guard_goal_is_settled_once_closed_delete": ["DELETE FROM assessments_goal WHERE id = {closed_draft_goal}"],
    "guard_goal_is_closed_within_a_draft_update": [
        "UPDATE assessments_goal SET status = 'met', closed_at = created_at WHERE id = {shared_goal}",
        f"{CLOSE}{{signed}} WHERE id = {{shared_goal}}",
        f"{CLOSE}{{elsewhere}} WHERE id = {{shared_goal}}",
        f"{CLOSE}{{draft}} WHERE id = {{goal}}",
    ],
    "guard_goal_keeps_its_competences_insert": [
        "INSERT INTO assessments_goal_competences (goal_id, competence_id) VALUES ({shared_goal}, {unrated})",
        "INSERT INTO assessments_goal_competences (goal_id, competence_id) VALUES ({closed_draft_goal}, {unrated})",
    ],
    "guard_goal_keeps_its_competences_update": [
        "UPDATE assessments_goal_competences SET competence_id = {unrated} WHERE goal_id = {tied_goal}"
    ],
    "guard_goal_keeps_its_competences_delete": [
        "DELETE FROM assessments_goal_competences WHERE goal_id = {shared_goal}"
    ],
    "guard_auditevent_is_append_only_update": ["UPDATE assessments_auditevent SET data = '{{}}' WHERE id = {event}"],
    "guard_auditevent_is_append_only_delete": ["DELETE FROM assessments_auditevent WHERE id = {event}"],
    "guard_auditevent_is_append_only_truncate": [EMPTY.format("assessments_auditevent")],
    "guard_recordaccess_is_append_only_update": [
        "UPDATE assessments_recordaccess SET \"on\" = '2020-01-01' WHERE id = {access}"
    ],
    "guard_recordaccess_is_append_only_delete": ["DELETE FROM assessments_recordaccess WHERE id = {access}"],
    "guard_recordaccess_is_append_only_truncate": [EMPTY.format("assessments_recordaccess")],
    "guard_signedrecord_is_append_only_update": [
        "UPDATE assessments_signedrecord SET content = '' WHERE assessment_id = {signed}"
    ],
    "guard_signedrecord_is_append_only_delete": ["DELETE FROM assessments_signedrecord WHERE assessment_id = {signed}"],
    "guard_signedrecord_is_append_only_truncate": [EMPTY.format("assessments_signedrecord")],
    "guard_report_is_append_only_update": ["UPDATE assessments_report SET sha256 = '' WHERE id = {report}"],
    "guard_report_is_append_only_delete": ["DELETE FROM assessments_report WHERE id = {report}"],
    "guard_report_is_append_only_truncate": [EMPTY.format("assessments_report")],
}

SOUND = [
    copying(Assessment, "draft", id="{new}"),
    "UPDATE assessments_assessment SET summary = 'New', supervisor_id = {lead} WHERE id = {draft}",
    copying(Assessment, "draft", id="{new}", short_form_id="{form}"),
    "UPDATE assessments_assessment SET short_form_id = {form} WHERE id = {draft}",
    f"{SHARE}{{draft}}",
    "UPDATE assessments_assessment SET status = 'draft', shared_at = NULL WHERE id = {shared}",
    "UPDATE assessments_assessment SET status = 'withdrawn', withdrawn_at = created_at, withdrawn_reason = 'Wrong.'"
    " WHERE id IN ({draft})",
    "UPDATE assessments_assessment SET status = 'withdrawn', withdrawn_at = created_at, withdrawn_reason = 'Wrong.'"
    " WHERE id IN ({shared})",
    "UPDATE assessments_assessment SET reply_agreement = 'agree', replied_at = created_at WHERE id = {shared}",
    f"{SIGN_OFF}{{signed_by_both}}",
    f"{EXTENT}({{draft}}, {{other_activity}})",
    "DELETE FROM assessments_assessment_activities WHERE assessment_id = {draft} AND activity_id = {activity}",
    copying(Rating, "draft_rating", competence_id="{unrated}"),
    copying(Rating, "strict_rating", competence_id="{strict_unrated}"),
    "UPDATE assessments_rating SET note = 'New' WHERE id = {draft_rating}",
    "DELETE FROM assessments_rating WHERE id = {draft_rating}",
    copying(Signature, "signature", assessment_id="{shared}"),
    "UPDATE assessments_signature SET voided_at = signed_at WHERE id = {signature}",
    "UPDATE assessments_goal SET text = 'New' WHERE id = {goal}",
    "INSERT INTO assessments_goal_competences (goal_id, competence_id) VALUES ({goal}, {unrated})",
    f"{CLOSE}{{draft}} WHERE id = {{shared_goal}}",
    f"{REOPEN}{{newly_closed_goal}}",
    "UPDATE assessments_goal SET status = 'dropped', result = 'New' WHERE id = {newly_closed_goal}",
    "DELETE FROM assessments_goal WHERE id = {goal}",
    copying(AuditEvent, "event", change_key="NULL"),
]


def rows(cast, used_form):
    revision = FrameworkRevision.objects.get(framework__slug="ipt")
    pair = (cast.supervisor, cast.therapist, revision)
    draft, unshared = factories.make_draft(*pair), factories.make_draft(*pair)
    factories.rate(draft, "S2.1")
    goal = goals.save(by=cast.supervisor, assessment=draft, text="Name it.", due_on=None, competences=[])
    tie = {"due_on": None, "competences": [Competence.objects.get(revision=revision, code="S2.1")]}
    tied = goals.save(by=cast.supervisor, assessment=draft, text="Tie it.", **tie)
    agreed = goals.save(by=cast.supervisor, assessment=unshared, text="Say it.", **tie)
    factories.rate(unshared, "S2.1")
    shared = assessments.share(by=cast.supervisor, assessment=unshared)
    signed = factories.make_signed(*pair)
    accesses.note_opening(by=cast.lead, therapist=cast.therapist, opened="assessment", assessment=signed)
    withdrawn = factories.make_shared(*pair)
    return {
        "draft": draft,
        "draft_rating": draft.ratings.get(),
        "goal": goal,
        "tied_goal": tied,
        "shared": shared,
        "shared_rating": shared.ratings.get(),
        "shared_goal": agreed,
        "signed": signed,
        "withdrawn": assessments.withdraw(by=cast.supervisor, assessment=withdrawn, reason="Wrong person."),
        "event": AuditEvent.objects.first(),
        "access": signed.accesses.get(),
        "report": Report.objects.create(
            record=signed.signed_record, content=b"%PDF", issued_at=timezone.now(), issued_by=cast.lead
        ),
        **_closed_goals(cast, draft),
        "from_a_form": factories.make_from_a_form(*pair),
        **_formed(pair, used_form),
        **_strict(cast),
        **_unfinished(pair),
        **_signing(pair),
    }


def _closed_goals(cast, draft):
    """Goals closed in a draft and in a shared assessment, one of these back in a draft; and somebody else's draft."""
    pair = (cast.supervisor, cast.therapist, draft.revision)
    newly, settled, taken = (factories.make_agreed(*pair) for _ in range(3))
    goals.close(by=cast.supervisor, assessment=draft, goal=newly, status="met", result="Heard it.")
    for goal in [settled, taken]:
        factories.close_goal(goal)
    assessments.take_back(by=cast.supervisor, assessment=taken.assessment, reason="Wrong session.")
    other = factories.make_person("Daniel Reyes", Role.THERAPIST, draft.organisation)
    factories.make_supervision(other, cast.supervisor, draft.organisation)
    return {
        "newly_closed_goal": newly,
        "closed_goal": settled,
        "closed_draft_goal": taken,
        "elsewhere": factories.make_draft(cast.supervisor, other, draft.revision),
    }


def _formed(pair, form):
    """A draft and a shared assessment that began with a short form."""
    begun = {"formed": factories.make_draft(*pair), "formed_shared": factories.make_draft(*pair)}
    for draft in begun.values():
        Assessment.objects.filter(pk=draft.pk).update(short_form=form)
    factories.rate(begun["formed_shared"], "S2.1")
    assessments.share(by=pair[0], assessment=begun["formed_shared"])
    return begun


def _strict(cast):
    """A rating without level on a scale that has no `not applicable`."""
    scale = factories.make_scale_data(key="strict", has_not_applicable=False)
    revision = factories.make_revision(framework="strict", scale=scale)
    draft = factories.make_draft(cast.supervisor, cast.therapist, revision, codes="A1")
    factories.rate(draft, "A1.1", "not_observed")
    return {"strict_rating": draft.ratings.get(), "strict_unrated": revision.competences.get(code="A1.2")}


def _unfinished(pair):
    """Drafts that lack a text which sharing asks for."""
    drafts = {}
    for name, answer, values in [
        ("with_concern", 3, {"is_concern": True}),
        ("with_pending", "pending", {"note": "Typed first."}),
        ("with_inapplicable", "not_applicable", {}),
        ("with_spaces", 3, {"is_concern": True, "note": "  "}),
    ]:
        drafts[name] = factories.make_draft(*pair)
        factories.rate(drafts[name], "S2.2", answer, **values)
    return drafts


def _signing(pair):
    """Shared assessments with one and with two signatures, and a draft that wrongly kept both."""
    half, both, kept, taken = (factories.make_shared(*pair) for _ in range(4))
    for assessment in [half, both, kept, taken]:
        factories.sign(assessment, assessment.therapist)
    for assessment in [both, kept]:
        factories.sign(assessment, assessment.supervisor)
    Assessment.objects.filter(pk=kept.pk).update(status=Status.DRAFT, shared_at=None, previous=None)
    assessments.take_back(by=taken.supervisor, assessment=taken, reason="Wrong session.")
    return {
        "half_signed": half,
        "signature": half.signatures.get(),
        "voided": taken.signatures.get(),
        "signed_by_both": both,
        "signed_draft": kept,
    }
