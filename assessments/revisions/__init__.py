"""Framework revisions as plain data: what importers read, exporters write, and how two of them differ."""

from assessments.revisions.data import (
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

__all__ = [
    "ActivityData",
    "CompetenceData",
    "DomainData",
    "Kept",
    "LevelData",
    "LineageData",
    "PageData",
    "PointData",
    "RevisionData",
    "ScaleData",
]
