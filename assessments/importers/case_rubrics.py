"""A rating scale out of CASE rubrics, where all criteria that point at items name the same levels."""

from assessments.importers import scales
from assessments.importers.case_tree import Ends
from assessments.importers.members import Members
from assessments.revisions import LevelData, ScaleData


def read(package: Members, ends: Ends, title: str) -> ScaleData | None:
    rubrics = list(package.objects("CFRubrics"))
    criteria = [
        (rubric, criterion)
        for rubric in rubrics
        for criterion in rubric.objects("CFRubricCriteria")
        if ends.find(criterion.value.get("CFItemURI")) in ends.items
    ]
    if not criteria:
        if rubrics:
            package.findings.note("/CFRubrics", "No criterion of the rubrics points at an item. They are kept aside.")
        return None
    found = [_levels(criterion) for _, criterion in criteria]
    if len({tuple((each.value, each.label) for each in levels) for levels in found}) > 1:
        what = "The rubrics name different levels for different items. They are kept aside; choose a scale."
        package.findings.warn("/CFRubrics", what)
        return None
    levels = found[0] if all(each == found[0] for each in found) else _without_meanings(found[0], package)
    rubric, first = criteria[0]
    return _scale(rubric.text("title") or f"{title} scale", levels, first)


def _levels(criterion: Members) -> list[LevelData]:
    rows = list(criterion.objects("CFRubricCriterionLevels"))
    positions = [_position(row) for row in rows]
    if len({each for each in positions if each is not None}) < len([each for each in positions if each is not None]):
        place = criterion.place("CFRubricCriterionLevels")
        criterion.findings.problem(place, "Two levels have the same position.", "Number them 1, 2, 3 …")
    placed = sorted(zip(positions, rows, strict=True), key=lambda row: (row[0] is None, row[0] or 0))
    scores = [row.raw("score").removesuffix(".0") for _, row in placed]
    values = scores if all(scores) and len(set(scores)) == len(scores) else [str(n + 1) for n in range(len(rows))]
    return [
        scales.level(value, row.text("quality"), row.text("description"))
        for value, (_, row) in zip(values, placed, strict=True)
    ]


def _position(row: Members) -> int | None:
    written = row.raw("position")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


def _without_meanings(levels: list[LevelData], package: Members) -> list[LevelData]:
    package.findings.note("/CFRubrics", "The levels mean something else for each item. The meanings are kept aside.")
    return [scales.level(each.value, each.label) for each in levels]


def _scale(name: str, levels: list[LevelData], criterion: Members) -> ScaleData | None:
    place = criterion.place("CFRubricCriterionLevels")
    if not scales.check(levels, place, criterion.findings):
        return None
    what = "CASE does not say which level is expected. The one furthest on is taken."
    criterion.findings.warn(place, what)
    if _is_descending([each.value for each in levels]):
        return scales.scale(name, levels, threshold=levels[0].value, direction="descending")
    return scales.scale(name, levels, threshold=levels[-1].value)


def _is_descending(values: list[str]) -> bool:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return False
    return numbers == sorted(numbers, reverse=True)
