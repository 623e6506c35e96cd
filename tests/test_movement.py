"""What moved since the signed assessment before: which one that is, what the record and the report say of it."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import movement, records, verification
from assessments.actions import assessments
from assessments.models import Assessment, Role, Supervision
from assessments.reports import movement as printed_movement
from assessments.reports.levels import Scale
from tests import factories
from tests.conftest import signed_in, words
from tests.test_report_pdf import context, document, looking_back, printed, render

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(supervisor, therapist, revision):
    return supervisor, therapist, revision


def signed(cast, answers, *, days):
    supervisor, therapist, revision = cast
    shared = factories.make_rated(supervisor, therapist, revision, answers, days=days)
    assessments.sign_off(by=therapist, assessment=shared)
    return assessments.sign_off(by=supervisor, assessment=shared)


def shared(cast, answers=None, *, days=2):
    return factories.make_rated(*cast, answers or {"S2.1": 4}, days=days)


# which one


def test_share_pins_the_latest_signed_one(cast):
    signed(cast, {"S2.1": 2}, days=40)
    latest = signed(cast, {"S2.1": 3}, days=30)

    assert shared(cast).previous == latest


def test_second_rating_looks_back_at_nothing_even_by_another_supervisor_of_the_therapist(cast, other_supervisor):
    supervisor, therapist, revision = cast
    factories.make_supervision(therapist, other_supervisor, supervisor.current_memberships[0].organisation)
    signed(cast, {"S2.1": 3}, days=30)

    _, second = factories.make_rated_twice(supervisor, therapist, other_supervisor, revision)

    assert (second.status, second.previous) == ("shared", None)


def test_page_says_that_the_report_looks_back(cast):
    signed(cast, {"S2.1": 2}, days=30)

    page = signed_in(cast[0]).get(shared(cast, {"S2.1": 3}).get_absolute_url())

    told = "in all, and what moved since last; the short version only the one that was answered."
    assert told in words(page)


def test_share_pins_nothing_at_first(cast):
    assert shared(cast).previous is None


def test_shared_one_is_not_looked_back_at(cast):
    shared(cast, days=30)

    assert shared(cast).previous is None


def test_one_of_a_later_session_is_not_looked_back_at(cast):
    signed(cast, {"S2.1": 3}, days=5)

    assert shared(cast, days=6).previous is None


def test_one_of_the_same_day_is(cast):
    same = signed(cast, {"S2.1": 3}, days=2)

    assert shared(cast, days=2).previous == same


def test_one_on_another_framework_is_not_looked_back_at(cast):
    supervisor, therapist, _ = cast
    signed((supervisor, therapist, factories.make_revision()), {"A1.1": 2}, days=30)

    assert shared(cast).previous is None


def test_one_in_another_organisation_is_not_looked_back_at(cast, southbank):
    _, therapist, revision = cast
    elsewhere = factories.make_person("Grace Lindqvist", Role.SUPERVISOR, southbank)
    factories.make_supervision(therapist, elsewhere, southbank)
    signed((elsewhere, therapist, revision), {"S2.1": 3}, days=30)

    assert shared(cast).previous is None


def test_one_that_the_sharer_may_not_read_is_not_looked_back_at(cast, northfield, other_supervisor):
    _, therapist, revision = cast
    began = factories.make_supervision(therapist, other_supervisor, northfield)
    draft = factories.make_draft(other_supervisor, therapist, revision)
    factories.rate(draft, "S2.1")
    signed(cast, {"S2.1": 3}, days=30)
    Supervision.objects.filter(pk=began.pk).update(ends_on=factories.days_ago(1))

    assert assessments.share(by=other_supervisor, assessment=draft).previous is None


def test_self_assessment_looks_back_at_nothing(cast):
    _, therapist, revision = cast
    signed(cast, {"S2.1": 3}, days=30)

    own = factories.make_self_shared(therapist, revision)

    assert (own.previous, movement.latest_before(therapist, own)) == (None, None)


def test_taking_back_lets_go_of_it(cast):
    signed(cast, {"S2.1": 3}, days=30)

    taken = assessments.take_back(by=cast[0], assessment=shared(cast), reason="Wrong date.")

    assert taken.previous is None


def test_what_is_signed_later_changes_nothing(cast):
    first = signed(cast, {"S2.1": 2}, days=30)
    later = shared(cast)
    signed(cast, {"S2.1": 3}, days=20)

    assert Assessment.objects.get(pk=later.pk).previous == first


# the record


def test_record_tells_medians_of_what_was_rated_both_times(cast):
    before = {"S2.1": 2, "S2.2": 3, "S2.3": 3, "S2.4": "not_observed", "S7.1": 4}
    first = signed(cast, before, days=30)
    after = {"S2.1": 3, "S2.2": 4, "S2.4": 5, "S7.2": 4}

    told = records.build(shared(cast, after))["previous"]

    assert told == {
        "id": str(first.pk),
        "session_on": first.session_on.isoformat(),
        "sha256": first.signed_record.sha256,
        "activities": [{"code": "S2", "competences": 2, "then": 2, "now": 3}],
    }


def test_record_of_the_first_one_says_nothing(cast):
    assert "previous" not in records.build(shared(cast))


def test_records_of_several_are_built_in_as_many_statements(cast):
    signed(cast, {"S2.1": 2}, days=30)
    rows = Assessment.objects.filter(pk__in=[shared(cast, days=days).pk for days in [5, 4, 3]])

    counted = []
    for several in [rows[:1], rows]:
        with CaptureQueriesContext(connection) as queries:
            records.build_all(several)
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_signed_record_of_a_later_one_verifies(cast):
    signed(cast, {"S2.1": 2}, days=30)
    second = signed(cast, {"S2.1": 4}, days=20)

    told = json.loads(second.signed_record.content)["previous"]["activities"]
    assert told == [{"code": "S2", "competences": 1, "then": 2, "now": 4}]
    assert list(verification.mismatches()) == []


# the report


MOVED = looking_back(("G1", 4, 2, 3), ("G2", 6, 3, 3), ("B1", 1, 4, 3))


def test_headline_counts_and_judges_nothing():
    told = "Since 3 May 2026: of 3 activities rated both times, 1 is further on, 1 is the same and 1 is less far."

    assert printed_movement.told(MOVED) == told


def test_headline_of_one_activity():
    one = looking_back(("G1", 4, 2, 3))

    assert printed_movement.told(one) == "Since 3 May 2026: of 1 activity rated both times, 1 is further on."


def test_headline_on_a_descending_scale():
    descending = {**MOVED, "scale": {**MOVED["scale"], "direction": "descending"}}

    assert "1 is further on, 1 is the same and 1 is less far" in printed_movement.told(descending)
    assert printed_movement.rows(descending, Scale.of(descending))[0].then.css == "l4"


def test_headline_without_anything_in_common():
    assert printed_movement.told(looking_back()) == "No competence was rated both on 3 May 2026 and now."


def test_first_assessment_has_no_headline():
    assert printed_movement.told(document()) == ""


@pytest.mark.parametrize("content", [document(), looking_back()])
def test_nothing_in_common_makes_no_section(content):
    assert context(content)["movement"] is None


def test_rows_stand_in_printed_order():
    rows = printed_movement.rows(MOVED, Scale.of(MOVED))

    assert [(row.code, row.then.label, row.now.label, row.competences) for row in rows] == [
        ("G1", "Emerging", "Developing", 4),
        ("G2", "Developing", "Developing", 6),
        ("B1", "Competent", "Developing", 1),
    ]


def test_drawings_are_by_domain():
    drawings = printed_movement.drawings(MOVED, Scale.of(MOVED))

    assert [(drawing.title, drawing.told, [row.code for row in drawing.chart.rows]) for drawing in drawings] == [
        ("Domain 1", "Of 2 activities rated both times, 1 is further on and 1 is the same.", ["G1", "G2"]),
        ("Domain 2", "Of 1 activity rated both times, 1 is less far.", ["B1"]),
    ]


def test_full_report_prints_what_moved():
    text = printed(render(MOVED))

    assert "Movementsincelast" in text
    assert "G1WorkG12Emerging3Developing4" in text
    assert "efefefef" in text


def test_short_report_keeps_to_the_headline():
    facts = context(MOVED, kind="short")

    assert facts["movement"] is None
    assert dict(facts["glance"])["Movement"].startswith("Since 3 May 2026: of 3 activities")
