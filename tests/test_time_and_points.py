"""A place in the recording, and sub-points ticked as seen: from the page to the record and its report."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from assessments import records, wording
from assessments.actions import ratings
from assessments.exceptions import Conflict, Refused
from assessments.forms.fields import TimeMark
from assessments.models import AuditEvent
from assessments.reports import assessment as report
from tests import factories
from tests.conftest import signed_in, words
from tests.factories import make_change

JSON = {"Accept": "application/json"}


def save(assessment, change):
    return ratings.save(by=assessment.supervisor, assessment_id=assessment.pk, change=change)


def stored(assessment, code="S2.2"):
    rating = assessment.ratings.get(competence__code=code)
    return rating.outcome, rating.points_seen, rating.time_mark


def page_of(assessment, name="assessment-rate", *more):
    return signed_in(assessment.supervisor).get(reverse(name, args=[assessment.pk, *more]))


# a time in the recording as typed


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("", None),
        ("0:00", 0),
        (" 14:20 ", 860),
        ("4:05", 245),
        ("75:00", 4_500),
        ("1:15:00", 4_500),
        ("599:59", 35_999),
        ("9:59:59", 35_999),
    ],
)
def test_time_in_the_recording_is_read_as_seconds(typed, seconds):
    assert TimeMark(required=False).clean(typed) == seconds


@pytest.mark.parametrize(
    "typed", ["14", "14:2", "14:60", "14.20", "1:60:00", "10:00:00", "600:00", "-1:20", "1:1:1", "١٤:٢٠", "after 14:20"]
)
def test_what_is_no_time_is_refused_in_words(typed):
    with pytest.raises(ValidationError) as refusal:
        TimeMark(required=False).clean(typed)

    assert refusal.value.messages == ["This is not a time in the recording. Write minutes and seconds, as in 14:20."]


@pytest.mark.parametrize(("seconds", "told"), [(None, ""), (0, "0:00"), (860, "14:20"), (4_500, "75:00")])
def test_time_in_the_recording_is_told_in_minutes(seconds, told):
    assert wording.time_mark(seconds) == told


# saving


@pytest.mark.django_db
def test_ticks_and_time_are_saved_with_the_answer(draft):
    save(draft, make_change("S2.2", 3, points_seen="S2.2.a S2.2.c", time_mark=860))

    assert stored(draft) == ("level", "S2.2.a S2.2.c", 860)
    assert AuditEvent.objects.latest("id").data["after"] == {
        "outcome": "level",
        "position": 3,
        "note": "",
        "is_concern": False,
        "is_priority": False,
        "points_seen": "S2.2.a S2.2.c",
        "time_mark": 860,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("given", [{"points_seen": "S2.2.b"}, {"time_mark": 0}])
def test_tick_or_time_before_the_level_waits_for_it(draft, given):
    save(draft, make_change("S2.2", "pending", **given))

    assert draft.ratings.given().count() == 0
    assert draft.ratings.count() == 1


@pytest.mark.django_db
def test_same_ticks_and_time_again_change_nothing(draft):
    first = save(draft, make_change("S2.2", 3, points_seen="S2.2.a", time_mark=5))

    again = save(draft, make_change("S2.2", 3, points_seen="S2.2.a", time_mark=5, base_version=first.version))

    assert again.version == first.version


@pytest.mark.django_db
def test_other_ticks_on_an_old_version_are_a_conflict(draft):
    save(draft, make_change("S2.2", 3, points_seen="S2.2.a"))

    with pytest.raises(Conflict):
        save(draft, make_change("S2.2", 3, points_seen="S2.2.b"))


@pytest.mark.django_db
@pytest.mark.parametrize("points", ["S2.2", "S2.5.a", "S2.2.a S2.5.a", "S2.2.z", "S2.2.", "%", "2.2"])
def test_tick_of_another_competence_is_refused(draft, points):
    with pytest.raises(Refused, match="A point that was ticked does not belong to this competence"):
        save(draft, make_change("S2.2", 3, points_seen=points))

    assert draft.ratings.count() == 0


# the page


@pytest.mark.django_db
@pytest.mark.usefixtures("strict_templates")
def test_page_shows_what_was_ticked_and_when(draft):
    save(draft, make_change("S2.2", 3, points_seen="S2.2.b", time_mark=860))

    page = page_of(draft, "assessment-rate", "S2").text

    boxes = re.findall(r'name="points-S2\.2" value="([\w.]+)"( checked)?', page)
    assert boxes == [("S2.2.a", ""), ("S2.2.b", " checked"), ("S2.2.c", "")]
    assert 'name="time_mark-S2.2" value="14:20"' in page


@pytest.mark.django_db
@pytest.mark.usefixtures("strict_templates")
def test_time_is_asked_for_only_where_there_is_a_recording(supervisor, therapist, revision):
    live = factories.make_draft(supervisor, therapist, revision, source="live")

    assert "time_mark-" not in page_of(live, "assessment-rate", "S2").text


@pytest.mark.django_db
@pytest.mark.usefixtures("strict_templates")
def test_form_without_script_saves_ticks_and_time(draft):
    form = {"version-S2.2": "0", "points-S2.2": ["S2.2.c", "S2.2.a"], "time_mark-S2.2": "14:20", "answer-S2.2": "3"}

    signed_in(draft.supervisor).post(reverse("assessment-rate", args=[draft.pk, "S2"]), form)

    assert stored(draft) == ("level", "S2.2.a S2.2.c", 860)


@pytest.mark.django_db
@pytest.mark.usefixtures("strict_templates")
def test_form_with_a_time_that_is_none_keeps_everything_typed(draft):
    form = {"version-S2.2": "0", "points-S2.2": ["S2.2.c"], "time_mark-S2.2": "soon", "answer-S2.2": "3"}

    page = signed_in(draft.supervisor).post(reverse("assessment-rate", args=[draft.pk, "S2"]), form)

    assert "This is not a time in the recording." in words(page)
    assert 'name="time_mark-S2.2" value="soon"' in page.text
    assert 'name="points-S2.2" value="S2.2.c" checked' in page.text
    assert draft.ratings.count() == 0


@pytest.mark.django_db
def test_conflict_tells_ticks_and_time(draft):
    save(draft, make_change("S2.2", 3, points_seen="S2.2.a", time_mark=860))
    client = signed_in(draft.supervisor)

    response = client.post(
        reverse("rating-save", args=[draft.pk, "S2.2"]), {"version": "0", "answer": "4"}, headers=JSON
    )

    assert response.status_code == 409
    assert (response.json()["points"], response.json()["time_mark"]) == ("S2.2.a", "14:20")


# afterwards


@pytest.mark.django_db
@pytest.mark.usefixtures("strict_templates")
def test_history_tells_ticks_and_time(draft):
    save(draft, make_change("S2.2", 3, points_seen="S2.2.a S2.2.c", time_mark=860))

    assert "3 Developing, points S2.2.a and S2.2.c, at 14:20" in words(page_of(draft, "assessment-history"))


@pytest.mark.django_db
@pytest.mark.usefixtures("strict_templates")
def test_reader_sees_what_was_ticked_and_when(draft):
    save(draft, make_change("S2.2", 3, points_seen="S2.2.a", time_mark=860))

    told = words(page_of(draft, "assessment-share"))

    assert "settle the difference. (seen) Impasse" in told
    assert told.count("(seen)") == 1
    assert "Developing, knowledge, at 14:20" in told


@pytest.mark.django_db
def test_record_holds_ticks_and_time_only_where_there_are_some(draft):
    save(draft, make_change("S2.1", 3))
    save(draft, make_change("S2.2", 3, points_seen="S2.2.a", time_mark=860))

    document = records.build(draft)

    given = {
        row["code"]: row["rating"]
        for domain in document["domains"]
        for activity in domain["activities"]
        for row in activity["competences"]
        if row["rating"]
    }
    assert {"points_seen", "time_mark"}.isdisjoint(given["S2.1"])
    assert (given["S2.2"]["points_seen"], given["S2.2"]["time_mark"]) == (["S2.2.a"], 860)


@pytest.mark.django_db
def test_report_tells_ticks_and_time(draft):
    save(draft, make_change("S2.2", 3, points_seen="S2.2.a", time_mark=860))

    facts = report.context(records.build(draft), sha256="0" * 64, issued_on=draft.session_on, kind="short")

    statements = [row for domain in facts["domains"] for activity in domain.activities for row in activity.statements]
    (statement,) = statements
    assert statement.meta == "Developing\u00a0\u00b7\u00a0Knowledge\u00a0\u00b7 At 14:20"
    assert "settle the difference. (seen) Impasse" in statement.points
