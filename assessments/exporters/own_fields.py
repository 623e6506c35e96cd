"""A revision as the names and texts of the project's own format, in their canonical order, for both of its faces.

What is blank or says what its absence would say is left out by the writers.
"""

import json

from assessments.importers.own_fields import FORMAT
from assessments.revisions import (
    ActivityData,
    CompetenceData,
    DomainData,
    Kept,
    LevelData,
    LineageData,
    PageData,
    PointData,
    RevisionData,
    ScaleData,
)

Fields = list[tuple[str, str]]


def about(data: RevisionData) -> Fields:
    return [
        ("format", FORMAT),
        ("framework", data.framework),
        ("framework_title", data.framework_title),
        ("revision", data.number),
        ("previous", data.previous),
        ("title", data.title),
        ("language", data.language),
        ("summary", data.summary),
        ("authors", data.authors),
        ("commissioner", data.commissioner),
        ("issued_on", data.issued_on),
    ]


def source(data: RevisionData) -> Fields:
    return [("name", data.source_name), ("url", data.source_url)]


def rights(data: RevisionData) -> Fields:
    return [
        ("holder", data.rights_holder),
        ("licence", data.licence),
        ("attribution", data.attribution),
        ("redistributable", "yes" if data.is_redistributable else "no"),
    ]


def small_print(data: RevisionData) -> Fields:
    return [("notice", data.notice), ("source_id", data.source_id), ("kept", _kept(data.kept))]


def scale(data: ScaleData) -> Fields:
    return [
        ("key", data.key),
        ("version", str(data.version)),
        ("name", data.name),
        ("direction", data.direction),
        ("threshold", data.threshold),
        ("not_observed", data.not_observed),
        ("not_applicable", data.not_applicable),
        ("has_not_applicable", "" if data.has_not_applicable else "no"),
    ]


def level(data: LevelData) -> Fields:
    return [
        ("value", data.value),
        ("label", data.label),
        ("skill", data.skill),
        ("knowledge", data.knowledge),
        ("attitude", data.attitude),
        ("supervision", data.supervision),
    ]


def page(data: PageData) -> Fields:
    return [("key", data.key), ("title", data.title), ("summary", data.summary), ("text", data.text)]


def domain(data: DomainData) -> Fields:
    return [
        ("key", data.key),
        ("code", data.code),
        ("title", data.title),
        ("short_title", data.short_title),
        ("summary", data.summary),
        ("introduction", data.introduction),
        ("synthetic", _yes(data.is_synthetic)),
        ("source_id", data.source_id),
        ("kept", _kept(data.kept)),
    ]


def activity(data: ActivityData) -> Fields:
    return [
        ("key", data.key),
        ("code", data.code),
        ("title", data.title),
        ("short_title", data.short_title),
        ("title_status", "" if data.title_status == "published" else data.title_status),
        ("scope", data.scope),
        ("phase", data.phase),
        ("problem_area", data.problem_area),
        ("group", data.group_heading),
        ("introduction", data.introduction),
        ("synthetic", _yes(data.is_synthetic)),
        ("source_id", data.source_id),
        ("kept", _kept(data.kept)),
    ]


def competence(data: CompetenceData) -> Fields:
    return [
        ("key", data.key),
        ("code", data.code),
        ("kind", data.kind),
        ("subheading", data.subheading),
        ("safety_critical", _yes(data.is_safety_critical)),
        ("text", data.text),
        ("guidance", data.guidance),
        ("source_id", data.source_id),
        ("kept", _kept(data.kept)),
    ]


def point(data: PointData) -> Fields:
    return [
        ("key", data.key),
        ("code", data.code),
        ("text", data.text),
        ("rateable", _yes(data.is_rateable)),
        ("source_id", data.source_id),
        ("kept", _kept(data.kept)),
    ]


def lineage(data: LineageData) -> tuple[str, list[str], list[str], str]:
    return (data.kind, data.older, data.newer, data.note)


def _yes(value: bool) -> str:
    return "yes" if value else ""


def _kept(kept: Kept) -> str:
    return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else ""
