"""Reads of scales: the list an administrator manages, and the ones a draft revision may take."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from assessments.models import Assessment, FrameworkRevision, RatingLevel, RatingScale
from assessments.queries.counting import counted

Revision = FrameworkRevision.Status


def is_scale_used(scale: RatingScale) -> bool:
    """Whether the scale is frozen: the question that the database's guard asks."""
    return scale.assessments.exists() or scale.revisions.exclude(status=Revision.DRAFT).exists()


def scales_managed() -> QuerySet[Any]:
    """Every version of every scale, newest first, with where each is used and whether that freezes it."""
    used = Assessment.objects.filter(scale=OuterRef("pk"))
    settled = FrameworkRevision.objects.filter(scale=OuterRef("pk")).exclude(status=Revision.DRAFT)
    levels = RatingLevel.objects.filter(scale=OuterRef("pk"))
    revisions = FrameworkRevision.objects.exclude(status=Revision.DISCARDED).select_related("framework")
    return (
        RatingScale.objects.annotate(
            assessment_count=counted(Assessment.objects.all(), "scale"),
            level_count=counted(RatingLevel.objects.all(), "scale"),
            first_value=Subquery(levels.order_by("position").values("value")[:1]),
            last_value=Subquery(levels.order_by("-position").values("value")[:1]),
            is_frozen=Q(Exists(used)) | Q(Exists(settled)),
        )
        .prefetch_related(Prefetch("revisions", queryset=revisions.order_by("title", "pk"), to_attr="used_by"))
        .order_by("name", "key", "-version")
    )


def scales_offered() -> QuerySet[RatingScale]:
    """The latest version of each scale, for a draft revision to choose from."""
    later = RatingScale.objects.filter(key=OuterRef("key"), version__gt=OuterRef("version"))
    return RatingScale.objects.filter(~Exists(later)).order_by("name", "key")
