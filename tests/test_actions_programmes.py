import pytest

from assessments.actions import people, programmes
from assessments.exceptions import Conflict, NotAllowed, Refused
from assessments.models import AuditEvent, Programme
from assessments.queries import programme_content, programme_fingerprint, programmes_offered
from tests import factories
from tests.factories import make_programme

pytestmark = pytest.mark.django_db

NOTHING = {
    "cases": None,
    "recordings_per_case": None,
    "problem_areas": None,
    "assessments": None,
    "has_all_phases": False,
    "is_core_observed": False,
    "is_focus_observed": False,
    "has_no_open_concern": False,
    "is_all_signed_off": False,
}


def seen(programme):
    return programme_fingerprint(programme_content(programme))


def change(admin, programme, *, name="Year 1", **values):
    asks = {"cases": 4, **values.pop("asks", {})}
    values = {"seen": seen(programme), **values}
    return programmes.save(
        by=admin, organisation=programme.organisation, programme=programme, name=name, asks=asks, **values
    )


def test_programme_is_stored_as_given(admin, northfield):
    made = make_programme(admin, northfield, name="  IPT  practitioner 2025 ", cases=4, has_all_phases=True)

    stored = Programme.objects.get(pk=made.pk)
    content = NOTHING | {"name": "IPT practitioner 2025", "cases": 4, "has_all_phases": True}
    assert (stored.organisation, programme_content(stored), stored.retired_at) == (northfield, content, None)


def test_defining_a_programme_is_in_the_history(admin, northfield):
    made = make_programme(admin, northfield, cases=4)

    event = AuditEvent.objects.get(type="programme_saved")
    after = NOTHING | {"name": "Year 1", "cases": 4}
    assert (event.by, event.organisation) == (admin, northfield)
    assert event.data == {"programme": str(made.pk), "before": None, "after": after}


def test_changing_a_programme_keeps_what_it_was_in_the_history(admin, northfield):
    made = make_programme(admin, northfield, cases=4)

    change(admin, made, asks={"cases": 5, "problem_areas": 2})

    event = AuditEvent.objects.filter(type="programme_saved").latest("pk")
    before = NOTHING | {"name": "Year 1", "cases": 4}
    assert (event.data["before"], event.data["after"]) == (before, before | {"cases": 5, "problem_areas": 2})
    assert programme_content(Programme.objects.get()) == event.data["after"]


def test_programme_is_defined_by_administrators_of_its_organisation(lead, outside_admin, northfield):
    for person in [lead, outside_admin]:
        with pytest.raises(NotAllowed, match=r"^You do not administer Northfield\.$"):
            make_programme(person, northfield)


@pytest.mark.parametrize(
    ("name", "asks", "expected"),
    [
        (" ", {"cases": 4}, "Give the programme a name."),
        ("Year 2", {"cases": None}, "Ask for at least one thing."),
        ("Year 2", {"cases": 0}, "A number that is asked for is at least 1. Leave it empty to ask for none."),
        ("Year 2", {"recordings_per_case": 3}, "Say in how many cases the recordings are asked for."),
        ("Year 2", {"problem_areas": 5}, "There are 4 problem areas. Ask for no more."),
        (
            "YEAR  1",
            {"cases": 4},
            "Northfield has a programme called YEAR 1. Choose another name, or retire that one.",
        ),
    ],
)
def test_programme_with_a_fault_is_refused(admin, northfield, name, asks, expected):
    make_programme(admin, northfield)

    with pytest.raises(Refused) as refusal:
        make_programme(admin, northfield, name=name, **asks)

    assert str(refusal.value) == expected


def test_another_organisation_may_use_the_name(admin, outside_admin, northfield, southbank):
    make_programme(admin, northfield)

    assert make_programme(outside_admin, southbank).organisation == southbank


def test_name_of_a_retired_programme_is_free(admin, northfield):
    programmes.retire(by=admin, programme=make_programme(admin, northfield))

    assert make_programme(admin, northfield).pk


def test_saving_what_stands_is_no_event(admin, northfield):
    made = make_programme(admin, northfield)

    change(admin, made, seen="")

    assert factories.event_types(type="programme_saved") == ["programme_saved"]


def test_second_editor_is_told_what_stands(admin, northfield):
    made = make_programme(admin, northfield)
    shown = seen(made)
    change(admin, made, asks={"cases": 5})

    with pytest.raises(Conflict) as conflict:
        change(admin, made, asks={"cases": 6}, seen=shown)

    assert (conflict.value.current["cases"], Programme.objects.get().cases) == (5, 5)


def test_programme_that_a_role_names_keeps_its_name(admin, northfield, therapist):
    made = make_programme(admin, northfield, name="year 1")

    with pytest.raises(Refused, match=r"^Therapists are in this programme by its name, year 1\."):
        change(admin, made, name="Year one")

    assert change(admin, made, name="Year 1").name == "Year 1"


def test_programme_that_no_role_names_is_renamed(admin, northfield, supervisor):
    made = make_programme(admin, northfield)

    assert change(admin, made, name="Year one").name == "Year one"


def test_retired_programme_is_frozen(admin, northfield):
    made = programmes.retire(by=admin, programme=make_programme(admin, northfield))

    with pytest.raises(Refused, match=r"^This programme was retired by now and never changes\."):
        change(admin, made, asks={"cases": 5})


def test_retiring_twice_is_one_event(admin, northfield):
    made = make_programme(admin, northfield)
    for _ in range(2):
        programmes.retire(by=admin, programme=made)

    event = AuditEvent.objects.get(type="programme_retired")
    assert (event.by, event.organisation) == (admin, northfield)
    assert event.data == {"programme": str(made.pk), "name": "Year 1"}


def test_programme_is_retired_by_administrators_of_its_organisation(admin, outside_admin, northfield):
    with pytest.raises(NotAllowed):
        programmes.retire(by=outside_admin, programme=make_programme(admin, northfield))


def test_retired_programme_is_not_offered(admin, northfield, southbank):
    programmes.retire(by=admin, programme=make_programme(admin, northfield, name="Old"))
    make_programme(admin, northfield, name="New")
    people.start_membership(by=None, person=admin, organisation=southbank, role="admin", starts_on=factories.LONG_AGO)

    assert programmes_offered([northfield, southbank]) == ["New"]
