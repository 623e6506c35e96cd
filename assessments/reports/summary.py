"""The page at which a busy reader can stop: counts, dates and what was said, from the record alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.models.judgement import Fitness
from assessments.records import Document
from assessments.reports import cover, words
from assessments.reports.levels import Scale, Swatch
from assessments.scoring import NOT_APPLICABLE, NOT_OBSERVED, NOT_RATED, Distribution, Mark

NO_STATEMENT = "None is given."
NO_GOALS = "None."
NO_GOALS_ANEW = "None in this version. Any agreed in the assessment that it replaces stand in the report of that one."
WHOSE = "This is the supervisor\u2019s own judgement, not an accreditation by IPT-UK or UCL."


@dataclass(frozen=True)
class Counts:
    """How many competences stand where: a column for each level and each way of having none, a row for each domain."""

    heads: list[Swatch]
    rows: list[tuple[str, list[int]]]


def gaps(numbers: Distribution) -> dict[str, int]:
    return {
        "not observed": numbers.not_observed,
        "not applicable": numbers.not_applicable,
        "not rated": numbers.not_rated,
    }


def counts(domains: Sequence[Any], total: Distribution, scale: Scale) -> Counts:
    levels: list[Mark] = [level["position"] for level in scale.levels]
    none: list[Mark] = [NOT_OBSERVED, NOT_APPLICABLE, NOT_RATED]
    marks = [*levels, *(mark for mark in none if mark != NOT_APPLICABLE or scale.has_not_applicable)]
    named = [(f"{domain.code}\u2002{domain.short_title}", domain.numbers) for domain in domains]
    # Of a single domain the sum says nothing new.
    summed = [("All", total)] if len(named) > 1 else []
    rows = [(name, [_count(numbers, mark) for mark in marks]) for name, numbers in [*named, *summed]]
    return Counts([scale.swatch(mark) for mark in marks], rows)


def _count(numbers: Distribution, mark: Mark) -> int:
    if isinstance(mark, int):
        return numbers.levels[mark]
    return gaps(numbers)[mark.replace("_", " ")]


def rows(document: Document, total: Distribution, moved: str, *, concerns: int) -> list[tuple[str, str]]:
    """What it is and what came of it, each in a line; of what is not signed nobody states or answers anything."""
    is_signed = cover.is_signed(document)
    lines = [
        ("Who", _who(document)),
        (
            "Rests on",
            ", ".join([cover.occasion(document["assessment"]), words.date(document["assessment"]["session_on"])]),
        ),
        ("Coverage", _coverage(total)),
        ("Movement", moved),
        ("Statement of fitness", fitness(document)["line"] if is_signed else ""),
        ("Concerns", words.counted(concerns, "concern").capitalize() if concerns else "None was flagged."),
        ("Development goals", _goals(document) if is_signed else ""),
        ("Therapist\u2019s answer", cover.reply(document)["line"] if is_signed else ""),
        ("Signatures", "; ".join(_signatures(document))),
    ]
    return [(term, text) for term, text in lines if text]


def _who(document: Document) -> str:
    therapist = document["therapist"]["name"]
    if cover.is_of_oneself(document):
        return f"{therapist}, rated by themselves"
    verb = "assessed" if cover.is_signed(document) else "rated"
    return f"{therapist}, {verb} by {document['supervisor']['name']}"


def _coverage(total: Distribution) -> str:
    """`23 of 28 competences have a level; 3 not observed, 2 not rated.`"""
    missing = [f"{count} {name}" for name, count in gaps(total).items() if count]
    told = f"{total.rated} of {words.counted(total.total, 'competence')} rated"
    return f"{told}; {words.joined(missing)}." if missing else f"{told}."


def fitness(document: Document) -> dict[str, str]:
    """The statement and whose it is; blank where nothing is stated."""
    stated = document["assessment"].get("fitness", "")
    if not stated:
        return {"line": NO_STATEMENT, "whose": ""}
    return {"line": f"{words.word(Fitness, stated)}.", "whose": WHOSE}


def _goals(document: Document) -> str:
    """`2 agreed, 1 from before closed.`"""
    agreed, closed = len(document["goals"]), len(document.get("goals_closed", []))
    parts = [f"{agreed} agreed"] if agreed else []
    parts += [f"{closed} from before closed"] if closed else []
    return f"{words.joined(parts)}." if parts else no_goals(document)


def no_goals(document: Document) -> str:
    """Of a new version the goals stay with the one that it replaces."""
    return NO_GOALS_ANEW if document.get("predecessor") else NO_GOALS


def _signatures(document: Document) -> Iterator[str]:
    for signature in cover.signatures(document):
        when = signature["when"][:1].lower() + signature["when"][1:]
        yield f"{signature['name']}, {signature['role'].lower()}: {when}"
