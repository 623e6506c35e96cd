import datetime

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.actions import people
from assessments.exceptions import NotAllowed, Refused
from assessments.models import AuditEvent, Membership, Organisation, Role, Supervision, User
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
NOT_ADMIN = "You do not administer Northfield."
ELSEWHERE = r"^This person belongs to an organisation that you do not administer\.$"


def last_event():
    return AuditEvent.objects.latest("id")


def create(organisation, **changes):
    values = {"email": "Nora.Vance@Example.org", "name": "Nora Vance", "role": Role.THERAPIST, "starts_on": TODAY}
    return people.create_person(**{"by": None, "organisation": organisation, **values, **changes})


def give(person, organisation, *, by, role=Role.SUPERVISOR):
    return people.start_membership(by=by, person=person, organisation=organisation, role=role, starts_on=TODAY)


def supervise(therapist, supervisor, organisation, *, by=None):
    return people.start_supervision(
        by=by, therapist=therapist, supervisor=supervisor, organisation=organisation, starts_on=TODAY
    )


# organisations


def test_create_organisation(admin):
    organisation = people.create_organisation(by=admin, name="Westfield")

    assert Organisation.objects.get(name="Westfield") == organisation
    assert (last_event().type, last_event().by) == ("organisation_created", admin)
    assert last_event().organisation == organisation


def test_create_organisation_refused_under_a_name_in_use(northfield):
    with pytest.raises(IntegrityError), transaction.atomic():
        people.create_organisation(by=None, name="Northfield")


# create_person


def test_create_person_stores_the_account(northfield):
    person = create(northfield, profession="Psychologist", programme="Year 1")

    stored = User.objects.get(pk=person.pk)
    assert (stored.email, stored.name, stored.profession) == ("nora.vance@example.org", "Nora Vance", "Psychologist")
    assert stored.is_active


def test_create_person_gives_the_first_role(northfield):
    person = create(northfield, programme="Year 1")

    membership = person.memberships.get()
    assert (membership.organisation, membership.role, membership.programme) == (northfield, "therapist", "Year 1")
    assert (membership.starts_on, membership.ends_on) == (TODAY, None)


def test_create_person_records_person_and_role(northfield):
    person = create(northfield)

    assert factories.event_types(person=person) == ["person_created", "membership_started"]
    assert set(AuditEvent.objects.filter(person=person).values_list("organisation", flat=True)) == {northfield.pk}


def test_create_person_without_password_cannot_sign_in(northfield):
    assert not create(northfield).has_usable_password()


def test_create_person_with_password_can_sign_in(northfield):
    person = create(northfield, password=factories.PASSWORD)

    assert authenticate(username=person.email, password=factories.PASSWORD) == person


def test_create_person_refused_for_a_weak_password(northfield):
    with pytest.raises(Refused, match="too common"):
        create(northfield, password="password")

    assert User.objects.filter(name="Nora Vance").count() == 0


def test_create_person_refused_for_an_address_in_use(northfield):
    create(northfield)

    with pytest.raises(Refused) as refusal:
        create(northfield, email="NORA.VANCE@example.org")

    assert str(refusal.value) == (
        "Somebody with this e-mail address has an account already. Give that person the role instead."
    )


def test_create_person_allowed_for_an_admin(admin, northfield):
    person = create(northfield, by=admin)

    assert set(AuditEvent.objects.filter(person=person).values_list("by", flat=True)) == {admin.pk}


@pytest.mark.parametrize("who", ["supervisor", "lead", "therapist"])
def test_create_person_refused_without_the_role(request, northfield, who):
    with pytest.raises(NotAllowed):
        create(northfield, by=request.getfixturevalue(who))


def test_create_person_refused_in_another_organisation(admin, southbank):
    with pytest.raises(NotAllowed):
        create(southbank, by=admin)


# change_person


def change(person, *, by, **changes):
    values = {"name": "Amara Okafor-Bell", "profession": "Nurse", "is_active": True, **changes}
    return people.change_person(by=by, person=person, **values)


def test_change_person_stores_the_account(admin, therapist):
    change(therapist, by=admin, is_active=False)

    stored = User.objects.get(pk=therapist.pk)
    assert (stored.name, stored.profession, stored.is_active) == ("Amara Okafor-Bell", "Nurse", False)


def test_change_person_records_it(admin, therapist):
    change(therapist, by=admin, is_active=False)

    event = last_event()
    assert (event.type, event.by, event.person) == ("person_changed", admin, therapist)
    assert event.data == {"is_active": False}


def test_change_person_allowed_for_oneself(admin):
    assert change(admin, by=admin, name="Robert Quayle").profession == "Nurse"


def test_change_person_refused_to_switch_oneself_off(admin):
    with pytest.raises(Refused, match=r"^You cannot switch off your own account\. Ask another administrator\.$"):
        change(admin, by=admin, is_active=False)


def test_change_person_refused_without_the_role(supervisor, therapist):
    with pytest.raises(NotAllowed):
        change(therapist, by=supervisor)


def test_change_person_refused_in_another_organisation(outside_admin, therapist):
    with pytest.raises(NotAllowed, match=ELSEWHERE):
        change(therapist, by=outside_admin)


# set_page_keys


@pytest.mark.parametrize("has_page_keys", [True, False])
def test_set_page_keys_stores_the_choice(supervisor, has_page_keys):
    people.set_page_keys(by=supervisor, has_page_keys=has_page_keys)

    assert User.objects.get(pk=supervisor.pk).has_page_keys is has_page_keys


def test_set_page_keys_records_it(supervisor):
    people.set_page_keys(by=supervisor, has_page_keys=True)

    event = last_event()
    assert (event.type, event.by, event.person) == ("person_changed", supervisor, supervisor)
    assert event.data == {"has_page_keys": True}


def test_page_keys_are_off_until_chosen(supervisor):
    assert supervisor.has_page_keys is False


# memberships


def test_start_membership_gives_a_role(admin, therapist, northfield):
    membership = give(therapist, northfield, by=admin)

    assert (membership.role, membership.starts_on, membership.ends_on) == ("supervisor", TODAY, None)
    assert therapist.roles == {"therapist", "supervisor"}


def test_start_membership_records_it(admin, therapist, northfield):
    give(therapist, northfield, by=admin)

    event = last_event()
    assert (event.type, event.by, event.person, event.organisation) == (
        "membership_started",
        admin,
        therapist,
        northfield,
    )
    assert event.data == {"role": "supervisor"}


def test_start_membership_refused_for_a_role_that_runs(admin, therapist, northfield):
    with pytest.raises(Refused, match=r"^Amara Okafor has this role already\.$"):
        give(therapist, northfield, by=admin, role=Role.THERAPIST)


def test_start_membership_allowed_again_after_its_end(admin, therapist, northfield):
    factories.end_membership(therapist)

    assert give(therapist, northfield, by=admin, role=Role.THERAPIST).ends_on is None


def test_start_membership_refused_without_the_role(lead, therapist, northfield):
    with pytest.raises(NotAllowed):
        give(therapist, northfield, by=lead)


def test_start_membership_refused_for_somebody_elsewhere(outside_admin, therapist, southbank):
    with pytest.raises(NotAllowed, match=ELSEWHERE):
        give(therapist, southbank, by=outside_admin)


def test_start_membership_refused_in_another_organisation(admin, southbank):
    with pytest.raises(NotAllowed):
        give(admin, southbank, by=admin, role=Role.ADMIN)


def test_end_membership_sets_the_last_day(admin, therapist):
    membership = people.end_membership(by=admin, membership=therapist.memberships.get(), ends_on=TODAY)

    assert Membership.objects.get(pk=membership.pk).ends_on == TODAY


def test_end_membership_ends_the_supervisions_that_rest_on_it(admin, supervisor, therapist):
    people.end_membership(by=admin, membership=supervisor.memberships.get(), ends_on=TODAY)

    assert [row.ends_on for row in therapist.supervisions.all()] == [TODAY]


def test_end_membership_leaves_supervisions_elsewhere_alone(admin, lead):
    people.end_membership(by=admin, membership=lead.memberships.get(), ends_on=TODAY)

    assert last_event().type == "membership_ended"


def test_end_membership_records_it(admin, lead, northfield):
    people.end_membership(by=admin, membership=lead.memberships.get(), ends_on=TODAY)

    event = last_event()
    assert (event.type, event.by, event.person, event.organisation) == (
        "membership_ended",
        admin,
        lead,
        northfield,
    )
    assert event.data == {"role": "lead", "ends_on": TODAY.isoformat()}


def test_end_membership_refused_for_ones_own_admin_role(admin):
    with pytest.raises(Refused, match=r"^You cannot end your own administrator role\. Ask another administrator\.$"):
        people.end_membership(by=admin, membership=admin.memberships.get(), ends_on=TODAY)


def test_end_membership_allowed_for_ones_own_other_role(admin, northfield):
    membership = give(admin, northfield, by=admin)

    assert people.end_membership(by=admin, membership=membership, ends_on=TODAY).ends_on == TODAY


def test_end_membership_refused_a_second_time(admin, therapist):
    membership = people.end_membership(
        by=admin, membership=therapist.memberships.get(), ends_on=datetime.date(2026, 3, 1)
    )

    with pytest.raises(Refused, match=r"^This ended on 1 March 2026 already\.$"):
        people.end_membership(by=admin, membership=membership, ends_on=TODAY)


def test_end_membership_decides_on_what_is_stored(admin, therapist):
    seen = therapist.memberships.get()
    people.end_membership(by=admin, membership=therapist.memberships.get(), ends_on=datetime.date(2026, 3, 1))

    with pytest.raises(Refused, match=r"^This ended on 1 March 2026 already\.$"):
        people.end_membership(by=admin, membership=seen, ends_on=TODAY)


def test_end_membership_refused_before_its_start(admin, therapist):
    with pytest.raises(Refused, match=r"^It began on 6 January 2025 and cannot end before that\.$"):
        people.end_membership(
            by=admin, membership=therapist.memberships.get(), ends_on=factories.LONG_AGO - datetime.timedelta(days=1)
        )


def test_end_membership_refused_without_the_role(lead, therapist):
    with pytest.raises(NotAllowed):
        people.end_membership(by=lead, membership=therapist.memberships.get(), ends_on=TODAY)


def test_end_membership_refused_in_another_organisation(admin, therapist, southbank):
    elsewhere = give(therapist, southbank, by=None, role=Role.THERAPIST)

    with pytest.raises(NotAllowed):
        people.end_membership(by=admin, membership=elsewhere, ends_on=TODAY)


# supervisions


def test_start_supervision_gives_access(admin, other_supervisor, therapist, northfield):
    supervision = supervise(therapist, other_supervisor, northfield, by=admin)

    assert list(Supervision.objects.current().filter(supervisor=other_supervisor, therapist=therapist)) == [supervision]


def test_start_supervision_records_it(admin, other_supervisor, therapist, northfield):
    supervise(therapist, other_supervisor, northfield, by=admin)

    event = last_event()
    assert (event.type, event.by, event.person, event.organisation) == (
        "supervision_started",
        admin,
        therapist,
        northfield,
    )
    assert event.data == {"supervisor": str(other_supervisor.pk), "starts_on": TODAY.isoformat()}


def test_start_supervision_by_nobody_is_the_installation(other_supervisor, therapist, northfield):
    supervise(therapist, other_supervisor, northfield)

    assert last_event().by is None


def test_start_supervision_refused_while_one_runs(admin, supervisor, therapist, northfield):
    with pytest.raises(Refused, match=r"^Dr Helen Marsh supervises Amara Okafor already\.$"):
        supervise(therapist, supervisor, northfield, by=admin)


def test_start_supervision_refused_for_somebody_who_is_no_therapist(admin, lead, supervisor, northfield):
    with pytest.raises(Refused, match=r"^Margaret Ellison is not a therapist of Northfield at present\.$"):
        supervise(lead, supervisor, northfield, by=admin)


def test_start_supervision_refused_for_somebody_who_is_no_supervisor(admin, lead, therapist, northfield):
    with pytest.raises(Refused, match=r"^Margaret Ellison is not a supervisor of Northfield at present\.$"):
        supervise(therapist, lead, northfield, by=admin)


def test_start_supervision_refused_for_a_supervisor_who_left(admin, other_supervisor, therapist, northfield):
    factories.end_membership(other_supervisor)

    with pytest.raises(Refused, match=r"^Dr Samuel Adeyemi is not a supervisor of Northfield at present\.$"):
        supervise(therapist, other_supervisor, northfield, by=admin)


def test_start_supervision_refused_without_the_role(lead, other_supervisor, therapist, northfield):
    with pytest.raises(NotAllowed):
        supervise(therapist, other_supervisor, northfield, by=lead)


def test_start_supervision_refused_in_another_organisation(admin, therapist, outside_supervisor, southbank):
    give(therapist, southbank, by=None, role=Role.THERAPIST)

    with pytest.raises(NotAllowed):
        supervise(therapist, outside_supervisor, southbank, by=admin)


def test_end_supervision_sets_the_last_day(admin, therapist):
    people.end_supervision(by=admin, supervision=therapist.supervisions.get(), ends_on=TODAY)

    assert therapist.supervisions.get().ends_on == TODAY


def test_end_supervision_records_it(admin, therapist, supervisor, northfield):
    people.end_supervision(by=admin, supervision=therapist.supervisions.get(), ends_on=TODAY)

    event = last_event()
    assert (event.type, event.by, event.person, event.organisation) == (
        "supervision_ended",
        admin,
        therapist,
        northfield,
    )
    assert event.data == {"supervisor": str(supervisor.pk), "ends_on": TODAY.isoformat()}


def test_end_supervision_refused_a_second_time(admin, therapist):
    supervision = people.end_supervision(
        by=admin, supervision=therapist.supervisions.get(), ends_on=datetime.date(2026, 3, 1)
    )

    with pytest.raises(Refused, match=r"^This ended on 1 March 2026 already\.$"):
        people.end_supervision(by=admin, supervision=supervision, ends_on=TODAY)


def test_end_supervision_decides_on_what_is_stored(admin, therapist):
    seen = therapist.supervisions.get()
    people.end_supervision(by=admin, supervision=therapist.supervisions.get(), ends_on=datetime.date(2026, 3, 1))

    with pytest.raises(Refused, match=r"^This ended on 1 March 2026 already\.$"):
        people.end_supervision(by=admin, supervision=seen, ends_on=TODAY)


def test_end_supervision_refused_before_its_start(admin, therapist):
    with pytest.raises(Refused, match=r"^It began on 6 January 2025 and cannot end before that\.$"):
        people.end_supervision(by=admin, supervision=therapist.supervisions.get(), ends_on=datetime.date(2024, 12, 31))


def test_end_supervision_refused_without_the_role(supervisor, therapist):
    with pytest.raises(NotAllowed):
        people.end_supervision(by=supervisor, supervision=therapist.supervisions.get(), ends_on=TODAY)


def test_end_supervision_refused_in_another_organisation(admin, therapist, outside_supervisor, southbank):
    elsewhere = factories.make_supervision(therapist, outside_supervisor, southbank)

    with pytest.raises(NotAllowed):
        people.end_supervision(by=admin, supervision=elsewhere, ends_on=TODAY)
