"""What joins two revisions of a framework: the file a revision came from, links between competences, carry-over."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.urls import reverse
from django.utils import timezone

from assessments.models.constraints import chosen
from assessments.models.framework import Competence, Framework, FrameworkRevision
from assessments.models.identifiers import uuid7
from assessments.models.people import User


class ImportStatus(models.TextChoices):
    OPEN = "open", "Being looked at"
    LOADED = "loaded", "Loaded"
    DISCARDED = "discarded", "Discarded"


class FrameworkImport(models.Model):
    """An uploaded file with what its reader chose about it. Until it is loaded nothing else of it exists."""

    Status = ImportStatus

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="framework_imports")
    uploaded_at = models.DateTimeField(default=timezone.now)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=60, blank=True)
    answers = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=ImportStatus, default=ImportStatus.OPEN)
    framework = models.ForeignKey(Framework, null=True, on_delete=models.PROTECT, related_name="imports")
    revision = models.ForeignKey(FrameworkRevision, null=True, on_delete=models.PROTECT, related_name="imports")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            chosen("import", "status", ImportStatus),
            CheckConstraint(
                name="import_has_a_time_once_closed",
                condition=Q(status="open", closed_at__isnull=True) | (~Q(status="open") & Q(closed_at__isnull=False)),
            ),
            CheckConstraint(
                name="import_names_its_revision_once_loaded",
                condition=Q(status="loaded", revision__isnull=False, framework__isnull=False)
                | (~Q(status="loaded") & Q(revision__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("framework-import", args=[self.pk])


class LinkKind(models.TextChoices):
    """What became of a competence. Recoded and moved are seen from the two rows and need no word of their own."""

    UNCHANGED = "unchanged", "Unchanged"
    EDITORIAL = "editorial", "Same meaning, words tidied"
    REWORDED = "reworded", "Reworded"
    SPLIT = "split", "Split"
    MERGED = "merged", "Merged"
    COVERED = "covered", "Covered by others"
    REMOVED = "removed", "Removed"
    ADDED = "added", "New"


class Basis(models.TextChoices):
    """Why a link was proposed."""

    FILE = "file", "Stated in the file"
    KEY = "key", "Same identity"
    TEXT = "text", "Same words"
    LIKENESS = "likeness", "Similar words"
    REST = "rest", "Nothing similar found"
    PERSON = "person", "Chosen by a person"


SAME_MEANING = [LinkKind.UNCHANGED, LinkKind.EDITORIAL]


class CompetenceLinkQuerySet(models.QuerySet["CompetenceLink"]):
    def confirmed(self) -> CompetenceLinkQuerySet:
        return self.filter(confirmed_at__isnull=False)

    def open(self) -> CompetenceLinkQuerySet:
        return self.filter(confirmed_at__isnull=True)

    def certain(self) -> CompetenceLinkQuerySet:
        """Proposals that need no judgement: the same words on both sides, and what the file itself states."""
        return self.filter(Q(kind=LinkKind.UNCHANGED) | Q(basis=Basis.FILE))


class CompetenceLink(models.Model):
    """One step of a competence from the previous revision into `revision`: proposed, then confirmed by a person.

    Stored once, old to new. A split is one row for each new competence, a merger one for each old one; `older` is
    blank for a new competence, `newer` for a removed one.
    """

    Kind, Basis = LinkKind, Basis

    revision = models.ForeignKey(FrameworkRevision, on_delete=models.CASCADE, related_name="links")
    older = models.ForeignKey(Competence, null=True, on_delete=models.PROTECT, related_name="links_onward")
    newer = models.ForeignKey(Competence, null=True, on_delete=models.CASCADE, related_name="links_back")
    kind = models.CharField(max_length=20, choices=LinkKind)
    basis = models.CharField(max_length=20, choices=Basis)
    likeness = models.PositiveSmallIntegerField(null=True, help_text="Per cent of words kept, where it was measured.")
    note = models.TextField(blank=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="links_confirmed")
    confirmed_at = models.DateTimeField(null=True)

    objects = CompetenceLinkQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            chosen("link", "kind", LinkKind),
            chosen("link", "basis", Basis),
            CheckConstraint(
                name="link_has_the_ends_of_its_kind",
                condition=Q(kind="added", older__isnull=True, newer__isnull=False)
                | Q(kind="removed", older__isnull=False, newer__isnull=True)
                | (~Q(kind__in=["added", "removed"]) & Q(older__isnull=False, newer__isnull=False)),
            ),
            UniqueConstraint(fields=["older", "newer"], name="link_joins_two_competences_once"),
            UniqueConstraint(
                fields=["revision", "older"], condition=Q(kind="removed"), name="link_removes_a_competence_once"
            ),
            UniqueConstraint(fields=["newer"], condition=Q(kind="added"), name="link_adds_a_competence_once"),
            UniqueConstraint(
                fields=["newer"],
                condition=Q(kind__in=["unchanged", "editorial", "reworded"]),
                name="link_gives_an_identity_once",
            ),
            UniqueConstraint(
                fields=["revision", "older"],
                condition=Q(kind__in=["unchanged", "editorial", "reworded"]),
                name="link_takes_an_identity_once",
            ),
            CheckConstraint(
                name="link_likeness_is_in_per_cent", condition=Q(likeness__isnull=True) | Q(likeness__lte=100)
            ),
            CheckConstraint(
                name="link_confirmed_has_a_time",
                condition=Q(confirmed_at__isnull=False) | Q(confirmed_by__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.older_id or '–'} {self.kind} {self.newer_id or '–'}"


class CarryOver(models.Model):
    """The decision to show earlier ratings in a revision along its confirmed links. It can be undone."""

    revision = models.ForeignKey(FrameworkRevision, on_delete=models.PROTECT, related_name="carry_overs")
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="carry_overs_decided")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="carry_overs_undone")

    class Meta:
        ordering = ["decided_at"]
        constraints = [
            UniqueConstraint(
                fields=["revision"], condition=Q(undone_at__isnull=True), name="carry_over_stands_once_per_revision"
            ),
            CheckConstraint(
                name="carry_over_is_undone_after_it_was_decided",
                # A comparison with NULL is neither true nor false, and a check refuses only what is false.
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_at__gte=F("decided_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"Carry-over into {self.revision_id}"
