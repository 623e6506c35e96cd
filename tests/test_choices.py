import datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.utils import timezone

from assessments.views.choices import Choices, filters

HELEN, SAMUEL = UUID(int=1), UUID(int=2)


def row(**changes):
    facts = {"source": "recorded", "case_number": 2, "phase": "middle", "supervisor_id": HELEN}
    return SimpleNamespace(**facts | {"supervisor_name": "Dr Helen Marsh"} | changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("source", "hearsay"),
        ("case", "0"),
        ("case", "-1"),
        ("case", "99999"),
        ("case", "9" * 5000),
        ("case", "²"),
        ("phase", "late"),
        ("rater", "me"),
        ("stale", "0"),
        ("stale", "121"),
        ("stale", "soon"),
        ("on", "yesterday"),
        ("framework", "\x00"),
    ],
)
def test_nonsense_means_what_is_usual(name, value):
    assert Choices.of({name: value}) == Choices(on=timezone.localdate())


def test_address_holds_what_was_chosen_and_nothing_usual():
    asked = {"colour": "change", "source": "live", "case": "3", "phase": "initial", "rater": str(HELEN), "stale": "9"}

    choices = Choices.of(asked | {"on": "2026-01-05", "framework": "ipt"})

    assert choices.query == (
        "?on=2026-01-05&colour=change&source=live&case=3&phase=initial"
        "&rater=00000000-0000-0000-0000-000000000001&stale=9"
    )
    assert choices.without_limits == "?on=2026-01-05&colour=change&stale=9"
    assert Choices.of({}).query == ""


@pytest.mark.parametrize(
    ("asked", "is_admitted"),
    [
        ({}, True),
        ({"source": "recorded", "case": "2", "phase": "middle", "rater": str(HELEN)}, True),
        ({"source": "live"}, False),
        ({"case": "1"}, False),
        ({"phase": "ending"}, False),
        ({"rater": str(SAMUEL)}, False),
    ],
)
def test_all_that_is_chosen_must_fit(asked, is_admitted):
    assert Choices.of(asked).admits(row()) == is_admitted


def test_only_limits_make_a_part():
    assert [Choices.of({name: value}).is_part for name, value in [("colour", "median"), ("case", "1")]] == [False, True]


def test_filters_offer_what_there_is():
    rows = [row(), row(case_number=None, phase="", source="live", supervisor_id=SAMUEL, supervisor_name="Dr Samuel")]

    found = filters(Choices(on=datetime.date(2026, 1, 5), case=2), rows)

    assert {each.name: [(option.label, option.is_chosen) for option in each.options] for each in found} == {
        "source": [("Recorded session", False), ("Live session", False)],
        "case": [("Case 2", True)],
        "phase": [("Middle", False)],
        "rater": [("Dr Helen Marsh", False), ("Dr Samuel", False)],
    }


def test_filters_are_missing_where_there_is_nothing_to_choose():
    assert filters(Choices.of({}), []) == []
