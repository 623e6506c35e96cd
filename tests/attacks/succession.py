"""Attacks on new versions of signed assessments, and on the third signature."""

from assessments.actions import assessments, people
from assessments.models import Assessment, FrameworkRevision, Role, Signature
from tests import factories
from tests.attacks.sql import copying

# What a copy of a signed row changes to be a draft.
DRAFTED = {"id": "{new}", "status": "'draft'", "shared_at": "NULL", "signed_off_at": "NULL"}

ATTACKS = {
    "guard_assessment_succeeds_a_signed_one_insert": [
        copying(Assessment, "draft", id="{new}", predecessor_id="{shared}"),
        copying(Assessment, "draft", id="{new}", predecessor_id="{draft}"),
        copying(Assessment, "draft", id="{new}", predecessor_id="{withdrawn}"),
        copying(Assessment, "signed", **DRAFTED | {"predecessor_id": "{signed}", "therapist_id": "{lead}"}),
        copying(Assessment, "elsewhere", id="{new}", predecessor_id="{signed}"),
        copying(Assessment, "on_another", id="{new}", predecessor_id="{signed}"),
    ],
    "guard_assessment_keeps_its_predecessor_update": [
        "UPDATE assessments_assessment SET predecessor_id = {signed} WHERE id = {draft}",
        "UPDATE assessments_assessment SET predecessor_id = {signed} WHERE id = {shared}",
    ],
}
SOUND = [
    copying(Assessment, "signed", **DRAFTED | {"predecessor_id": "{signed}"}),
    copying(Assessment, "on_retired", **DRAFTED | {"predecessor_id": "{on_retired}"}),
    "UPDATE assessments_assessment SET status = 'signed_off', signed_off_at = created_at, closed_as = 'left',"
    " closed_reason = 'Gone.' WHERE id = {lead_signed}",
]


def rows(cast, signed):
    """Shared where a training lead signs as well; signed by supervisor and lead; and signed on a retired revision."""
    asking = people.create_organisation(by=None, name="Eastgate")
    asking.has_lead_signature = True
    asking.save(update_fields=["has_lead_signature"])
    supervisor = factories.make_person("Dr Ruth Adler", Role.SUPERVISOR, asking)
    therapist = factories.make_person("Ines Costa", Role.THERAPIST, asking)
    factories.make_supervision(therapist, supervisor, asking)
    wants_lead = factories.make_shared(supervisor, therapist, signed.revision)
    for person in [supervisor, therapist]:
        factories.sign(wants_lead, person)
    lead_signed = factories.make_shared(cast.supervisor, cast.therapist, signed.revision)
    factories.sign(lead_signed, cast.supervisor)
    Signature.objects.create(assessment=lead_signed, person=cast.lead, role=Role.LEAD, signed_at=lead_signed.shared_at)
    small = factories.make_revision(framework="retiring")
    draft = factories.make_draft(cast.supervisor, cast.therapist, small, codes="A1")
    factories.rate(draft, "A1.1", 1)
    on_retired = assessments.share(by=cast.supervisor, assessment=draft)
    for person in [cast.supervisor, cast.therapist]:
        on_retired = assessments.sign_off(by=person, assessment=on_retired)
    FrameworkRevision.objects.filter(pk=small.pk).update(status="retired", retired_at=small.published_at)
    return {"wants_lead": wants_lead, "lead_signed": lead_signed, "on_retired": on_retired}
