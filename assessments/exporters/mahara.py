"""A revision as a SmartEvidence matrix of Mahara: domains as standards, activities and competences as elements."""

import json
from collections.abc import Iterator
from typing import Any

from assessments.revisions import ActivityData, CompetenceData, LevelData, RevisionData

# Mahara has exactly these, lowest first; where one is not named its own words stand.
STATUSES = ["begun", "incomplete", "partialcomplete", "completed"]
LONGEST_CODE, LONGEST_NAME = 100, 255
JOINED = "Levels of this scale share Mahara's four statuses: {}."


def write(data: RevisionData) -> bytes:
    """The file. Mahara keeps no version, so the revision's number is part of the name."""
    steps = _steps(data)
    about = [data.summary, data.attribution, data.licence, data.notice]
    if len(data.scale.levels) > len(STATUSES):
        about.append(JOINED.format("; ".join(steps.values())))
    framework = {
        "institution": "all",
        "name": f"{data.title} {data.number}"[:LONGEST_NAME],
        "description": "\n".join(filter(None, about)),
        "selfassess": False,
        "evidencestatuses": [{name: label} for name, label in steps.items()],
        "standards": [
            {
                "shortname": domain.code[:LONGEST_CODE],
                "name": _cut(domain.title),
                "description": domain.introduction or domain.summary,
                "standardid": number,
            }
            for number, domain in enumerate(data.domains, 1)
        ],
        "standardelements": list(_elements(data)),
    }
    return json.dumps({"framework": framework}, ensure_ascii=False, indent=1).encode()


def _steps(data: RevisionData) -> dict[str, str]:
    """The labels of the scale on Mahara's four steps: spread out where there are fewer, joined where there are more."""
    levels: list[LevelData] = list(data.scale.levels)
    if data.scale.direction == "descending":
        levels.reverse()
    most = len(STATUSES)
    found: dict[str, list[str]] = {}
    for place, level in enumerate(levels):
        few = len(levels) < most
        step = round(place * (most - 1) / (len(levels) - 1)) if few else place * most // len(levels)
        found.setdefault(STATUSES[step], []).append(level.label)
    return {name: " / ".join(labels) for name, labels in found.items()}


def _elements(data: RevisionData) -> Iterator[dict[str, Any]]:
    """Parents before their children, because Mahara looks for a parent among those it has met."""
    for number, domain in enumerate(data.domains, 1):
        place = 0
        for activity in domain.all_activities():
            if activity.is_synthetic:
                for competence in activity.competences:
                    place += 1
                    yield _competence(competence, number, f"{number}.{place}")
                continue
            place += 1
            yield from _activity(activity, number, f"{number}.{place}")


def _activity(activity: ActivityData, standard: int, id: str) -> Iterator[dict[str, Any]]:
    yield _element(activity.code, activity.title, activity.introduction, standard, id)
    for place, competence in enumerate(activity.competences, 1):
        yield _competence(competence, standard, f"{id}.{place}") | {"parentelementid": id}


def _competence(competence: CompetenceData, standard: int, id: str) -> dict[str, Any]:
    points = [f"- {point.text}" for point in competence.points]
    description = "\n".join(filter(None, [competence.text, *points, competence.guidance]))
    return _element(competence.code, competence.text, description, standard, id)


def _element(code: str, name: str, description: str, standard: int, id: str) -> dict[str, Any]:
    return {
        "shortname": code[:LONGEST_CODE],
        "name": _cut(name),
        "description": description,
        "standardid": standard,
        "elementid": id,
    }


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…"
