"""Exact coordinates: per cent across, pixels down."""

import datetime

from assessments import charts
from assessments.charts import Dot, Pair, Sign, Stroke, Tick
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED

FIVE = ["1", "2", "3", "4", "5"]
MARCH, JUNE, SEPTEMBER = (datetime.date(2026, month, 1) for month in (3, 6, 9))


def dots(*marks, series=0):
    return [Dot(day, mark, series) for day, mark in zip([MARCH, JUNE, SEPTEMBER], marks, strict=False)]


def panel(given, levels=FIVE, span=(MARCH, SEPTEMBER), **kwargs):
    return charts.panel(given, levels, span, **kwargs)


def test_dumbbells_share_one_scale():
    chart = charts.dumbbells([Pair("S2", "Disputes", 2, 4)], FIVE)

    assert [tick.place for tick in chart.ticks] == ["4.0%", "27.0%", "50.0%", "73.0%", "96.0%"]
    assert [tick.label for tick in chart.ticks] == FIVE
    assert (chart.top, chart.bottom, chart.height) == ("18", "68", "70")


def test_dumbbell_runs_from_then_to_now():
    (row,) = charts.dumbbells([Pair("S2", "Disputes", 2, 4)], FIVE).rows

    assert (row.code, row.label, row.gap) == ("S2", "Disputes", "+2")
    assert (row.then, row.now, row.shift) == ("27.0%", "73.0%", "0")
    assert (row.words, row.line) == ("37", "54")


def test_dumbbell_of_equal_levels_has_its_signs_side_by_side():
    (row,) = charts.dumbbells([Pair("S2", "Disputes", 3, 3)], FIVE).rows

    assert (row.then, row.now, row.shift, row.gap) == ("50.0%", "50.0%", "7", "same")


def test_dumbbells_stand_below_each_other():
    chart = charts.dumbbells([Pair("S2", "Disputes", 3, 3), Pair("S7", "Analysis", 3, 2)], FIVE)

    assert [(row.words, row.line) for row in chart.rows] == [("37", "54"), ("83", "100")]
    assert [row.gap for row in chart.rows] == ["same", "\N{MINUS SIGN}1"]
    assert chart.height == "116"


def test_dumbbells_of_a_reversed_scale_run_to_the_first_level():
    chart = charts.dumbbells([Pair("A1", "Listening", 3, 1)], ["a", "b", "c"], descending=True)

    assert chart.ticks == [Tick("96.0%", "a"), Tick("50.0%", "b"), Tick("4.0%", "c")]
    assert (chart.rows[0].then, chart.rows[0].now, chart.rows[0].gap) == ("4.0%", "96.0%", "+2")


def test_dumbbells_of_one_level_lie_in_the_middle():
    chart = charts.dumbbells([Pair("A1", "Listening", 1, 1)], ["met"])

    assert chart.ticks == [Tick("50.0%", "met")]


def test_panel_has_a_line_for_each_level_and_a_band_below():
    drawn = panel(dots(1))

    assert drawn.grid == [Tick("84", "1"), Tick("66", "2"), Tick("48", "3"), Tick("30", "4"), Tick("12", "5")]
    assert (drawn.band, drawn.foot, drawn.height) == ("104", "126", "132")


def test_panel_of_a_reversed_scale_has_the_first_level_on_top():
    drawn = panel(dots(1), ["a", "b", "c"], descending=True)

    assert drawn.grid == [Tick("12", "a"), Tick("30", "b"), Tick("48", "c")]


def test_panel_places_signs_by_day_and_level():
    drawn = panel(dots(2, 3, 5))

    assert [(sign.x, sign.y, sign.shape) for sign in drawn.signs] == [
        ("14.0%", "66", "circle"),
        ("54.0%", "48", "circle"),
        ("94.0%", "12", "circle"),
    ]
    assert drawn.strokes == [Stroke("14.0%", "66", "54.0%", "48"), Stroke("54.0%", "48", "94.0%", "12")]
    assert (drawn.begins, drawn.ends) == ("Mar 2026", "Sep 2026")


def test_panel_keeps_what_has_no_level_below_all_levels_and_off_the_line():
    drawn = panel(dots(2, NOT_OBSERVED, NOT_APPLICABLE))

    assert [(sign.y, sign.shape) for sign in drawn.signs] == [("66", "circle"), ("104", "ring"), ("104", "cross")]
    assert drawn.strokes == []


def test_panel_tells_raters_apart_and_joins_none_of_them():
    drawn = panel([*dots(2), *dots(4, 4, series=1), *dots(5, series=4)])

    assert [(sign.shape, sign.y) for sign in drawn.signs] == [
        ("circle", "66"),
        ("square", "30"),
        ("square", "30"),
        ("circle", "12"),
    ]
    assert drawn.strokes == [Stroke("14.0%", "30", "54.0%", "30")]


def test_panel_moves_signs_at_one_place_aside():
    drawn = panel([*dots(3), *dots(3, series=1)])

    assert drawn.signs == [Sign("14.0%", "48", "circle", "full", ""), Sign("14.0%", "48", "square", "full", "11")]


def test_panel_leaves_a_carried_one_hollow():
    (sign,) = panel([Dot(MARCH, 3, is_hollow=True)]).signs

    assert sign.look == "open"


def test_panel_of_one_day_lies_in_the_middle():
    drawn = panel(dots(3), span=(MARCH, MARCH))

    assert (drawn.signs[0].x, drawn.begins, drawn.ends) == ("54.0%", "Mar 2026", "")


# where several things stand on one scale


def test_dots_stand_on_one_scale_beside_the_level_expected():
    spots = [
        charts.Spot("S1", "Grief", "12 of 14 rated", 3, (2, 4)),
        charts.Spot("S2", "Role disputes", "under 5 rated", None, None),
    ]

    drawn = charts.dots(spots, ["1", "2", "3", "4", "5"], 4)

    assert [(tick.place, tick.label) for tick in drawn.ticks] == [
        ("4.0%", "1"),
        ("27.0%", "2"),
        ("50.0%", "3"),
        ("73.0%", "4"),
        ("96.0%", "5"),
    ]
    assert (drawn.expected, drawn.top, drawn.bottom, drawn.height) == ("73.0%", "18", "114", "116")
    assert drawn.rows == [
        charts.DotRow(
            code="S1",
            label="Grief",
            note="12 of 14 rated",
            at="50.0%",
            low="27.0%",
            high="73.0%",
            words="37",
            plate="24",
            line="54",
            tick_top="45",
            tick_bottom="63",
        ),
        charts.DotRow(
            code="S2",
            label="Role disputes",
            note="under 5 rated",
            at="",
            low="",
            high="",
            words="83",
            plate="70",
            line="100",
            tick_top="91",
            tick_bottom="109",
        ),
    ]


def test_dots_of_a_descending_scale_run_the_other_way():
    drawn = charts.dots([charts.Spot("A", "", "", 1, (1, 3))], ["1", "2", "3"], 2, descending=True)

    (row,) = drawn.rows
    assert (row.at, row.low, row.high, drawn.expected) == ("96.0%", "96.0%", "4.0%", "50.0%")


def test_dots_of_nothing_are_a_scale_alone():
    drawn = charts.dots([], ["1", "2"], 2)

    assert (drawn.rows, drawn.bottom) == ([], "22")


def test_panel_of_medians_shows_the_level_expected_and_needs_no_band():
    days = [datetime.date(2026, 3, 31), datetime.date(2026, 6, 30)]
    dots = [charts.Dot(days[0], 2), charts.Dot(days[1], 4)]

    drawn = charts.panel(dots, ["1", "2", "3", "4", "5"], (days[0], days[1]), expected=4)

    assert (drawn.expected, drawn.band, drawn.foot, drawn.height) == ("30", "", "118", "124")
    assert [(sign.x, sign.y) for sign in drawn.signs] == [("14.0%", "66"), ("94.0%", "30")]
    assert drawn.strokes == [charts.Stroke("14.0%", "66", "94.0%", "30")]
