from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint
from django.urls import reverse

from assessments.models.constraints import chosen
from assessments.models.people import Role, User
from assessments.models.scale import RatingScale


class RevisionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"
    DISCARDED = "discarded", "Discarded"


class Scope(models.TextChoices):
    """Who is expected to show an activity."""

    CORE = "core", "Core"
    FOCUS = "focus", "Focus"
    OPTIONAL = "optional", "Optional"


class Phase(models.TextChoices):
    INITIAL = "initial", "Initial"
    MIDDLE = "middle", "Middle"
    ENDING = "ending", "Ending"
    MAINTENANCE = "maintenance", "Maintenance"


class ProblemArea(models.TextChoices):
    GRIEF = "grief", "Grief"
    DISPUTE = "dispute", "Role dispute"
    TRANSITION = "transition", "Role transition"
    SENSITIVITY = "sensitivity", "Interpersonal sensitivity"


class Kind(models.TextChoices):
    KNOWLEDGE = "knowledge", "Knowledge"
    SKILL = "skill", "Skill"
    ATTITUDE = "attitude", "Attitude"


class TitleStatus(models.TextChoices):
    """Where an activity's title comes from; an edition says which titles it could not verify."""

    PUBLISHED = "published", "Published title"
    SISTER = "sister", "Title taken from a sister framework"
    OWN = "own", "Title of this edition"


class Framework(models.Model):
    """A published body of competences, such as IPT or CBT, through all its revisions."""

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)

    class Meta:
        ordering = ["title", "slug"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("framework", args=[self.slug])


class FrameworkRevisionQuerySet(models.QuerySet["FrameworkRevision"]):
    def published(self) -> FrameworkRevisionQuerySet:
        return self.filter(status=FrameworkRevision.Status.PUBLISHED)

    def visible_to(self, user: User | AnonymousUser) -> FrameworkRevisionQuerySet:
        """Anyone reads what was ever published and may be passed on; signed-in people read all of it.

        A draft is for administrators, who look at it before they publish it.
        """
        ever_published = [RevisionStatus.PUBLISHED, RevisionStatus.RETIRED]
        if not isinstance(user, User):
            return self.filter(status__in=ever_published, is_redistributable=True)
        if Role.ADMIN in user.roles:
            return self.exclude(status=RevisionStatus.DISCARDED)
        return self.filter(status__in=ever_published)

    def published_ever(self) -> FrameworkRevisionQuerySet:
        """Published now or retired since."""
        return self.filter(published_at__isnull=False)

    def drafts(self) -> FrameworkRevisionQuerySet:
        return self.filter(status=FrameworkRevision.Status.DRAFT)

    def newest_first(self) -> FrameworkRevisionQuerySet:
        return self.order_by(F("published_at").desc(nulls_last=True), "-pk")


class FrameworkRevision(models.Model):
    """One numbered, dated edition of a framework. Immutable from the moment it is published."""

    Status = RevisionStatus

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="revisions")
    number = models.SlugField(max_length=40, help_text="The printed number, such as 1.0; part of the address.")
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    language = models.CharField(max_length=20, default="en-GB")
    authors = models.TextField(blank=True)
    commissioner = models.TextField(blank=True)
    issued_on = models.DateField(null=True, blank=True)
    source_name = models.CharField(max_length=300, blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    rights_holder = models.CharField(max_length=300, blank=True)
    licence = models.CharField(max_length=300, blank=True)
    attribution = models.TextField(blank=True)
    notice = models.TextField(blank=True, help_text="Printed under every page and report of this revision.")
    is_redistributable = models.BooleanField(default=False)
    scale = models.ForeignKey(RatingScale, on_delete=models.PROTECT, related_name="revisions")
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors")
    source_id = models.CharField(max_length=300, blank=True, help_text="Identifier in the format it came in.")
    kept = models.JSONField(default=dict, blank=True, help_text="What its format says besides, verbatim.")
    content_sha256 = models.CharField(max_length=64, help_text="Of the file in the project's own format.")
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = FrameworkRevisionQuerySet.as_manager()

    class Meta:
        constraints = [
            chosen("revision", "status", RevisionStatus),
            UniqueConstraint(fields=["framework", "number"], name="revision_number_is_unique_in_its_framework"),
            CheckConstraint(
                name="revision_has_a_time_once_published",
                condition=Q(status__in=["draft", "discarded"], published_at__isnull=True)
                | Q(status__in=["published", "retired"], published_at__isnull=False),
            ),
            CheckConstraint(
                name="revision_has_a_time_once_retired",
                condition=Q(status="retired", retired_at__isnull=False)
                | (~Q(status="retired") & Q(retired_at__isnull=True)),
            ),
            CheckConstraint(name="revision_follows_another_one", condition=~Q(previous=F("pk"))),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("revision", args=[self.framework.slug, self.number])

    @property
    def is_draft(self) -> bool:
        return self.status == RevisionStatus.DRAFT

    @property
    def is_published(self) -> bool:
        return self.status == RevisionStatus.PUBLISHED


class BackgroundPage(models.Model):
    """A text that introduces a revision: what the therapy is, how the list is built, authors, licence."""

    revision = models.ForeignKey(FrameworkRevision, on_delete=models.CASCADE, related_name="pages")
    key = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    summary = models.TextField()
    text = models.TextField()
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [UniqueConstraint(fields=["revision", "key"], name="page_key_is_unique_in_its_revision")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("background", args=[self.revision.framework.slug, self.revision.number, self.key])


class Domain(models.Model):
    """A column of the map."""

    revision = models.ForeignKey(FrameworkRevision, on_delete=models.CASCADE, related_name="domains")
    key = models.CharField(max_length=100)
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    short_title = models.CharField(max_length=40)
    summary = models.TextField(blank=True)
    introduction = models.TextField(blank=True)
    is_synthetic = models.BooleanField(default=False, help_text="Stands in where the source has no such level.")
    source_id = models.CharField(max_length=300, blank=True)
    kept = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(fields=["revision", "key"], name="domain_key_is_unique_in_its_revision"),
            UniqueConstraint(fields=["revision", "code"], name="domain_code_is_unique_in_its_revision"),
            CheckConstraint(name="domain_has_a_title", condition=~Q(title="") & ~Q(code="") & ~Q(key="")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("domain", args=[self.revision.framework.slug, self.revision.number, self.code])


class ActivityQuerySet(models.QuerySet["Activity"]):
    def rateable(self) -> ActivityQuerySet:
        """Those that hold something to rate themselves, not only in the activities inside them."""
        return self.filter(Exists(Competence.objects.rateable().filter(activity=OuterRef("pk"))))


class Activity(models.Model):
    """A box of the map. It may stand inside another activity of the same domain."""

    Scope, Phase, ProblemArea, TitleStatus = Scope, Phase, ProblemArea, TitleStatus

    revision = models.ForeignKey(FrameworkRevision, on_delete=models.CASCADE, related_name="activities")
    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="activities")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="parts")
    key = models.CharField(max_length=100)
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    short_title = models.CharField(max_length=60)
    introduction = models.TextField(blank=True)
    scope = models.CharField(max_length=20, choices=Scope, default=Scope.CORE)
    phase = models.CharField(max_length=20, choices=Phase, blank=True, help_text="Blank: every phase.")
    problem_area = models.CharField(max_length=20, choices=ProblemArea, blank=True)
    title_status = models.CharField(max_length=20, choices=TitleStatus, default=TitleStatus.PUBLISHED)
    group_heading = models.CharField(max_length=200, blank=True)
    is_synthetic = models.BooleanField(default=False, help_text="Stands in where the source has no such level.")
    source_id = models.CharField(max_length=300, blank=True)
    kept = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField()

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "activities"
        constraints = [
            chosen("activity", "scope", Scope),
            chosen("activity", "phase", Phase, blank=True),
            chosen("activity", "problem_area", ProblemArea, blank=True),
            chosen("activity", "title_status", TitleStatus),
            UniqueConstraint(fields=["revision", "key"], name="activity_key_is_unique_in_its_revision"),
            UniqueConstraint(fields=["revision", "code"], name="activity_code_is_unique_in_its_revision"),
            CheckConstraint(name="activity_has_a_title", condition=~Q(title="") & ~Q(code="") & ~Q(key="")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("activity", args=[self.revision.framework.slug, self.revision.number, self.code])


class CompetenceQuerySet(models.QuerySet["Competence"]):
    def rateable(self) -> CompetenceQuerySet:
        return self.filter(is_rateable=True)

    def coded(self, code: str) -> CompetenceQuerySet:
        return self.filter(code=code)

    def matching(self, words: str) -> CompetenceQuerySet:
        """Statements that hold every word, in any order and case; a code finds its competence."""
        found = self
        for word in words.split():
            found = found.filter(Q(text__icontains=word) | Q(code__iexact=word))
        return found


class Competence(models.Model):
    """One assessable statement, or a sub-point that guides the reading of its parent.

    `key` is the identity through all revisions and is never reused; `code` is a printed label.
    """

    Kind = Kind

    revision = models.ForeignKey(FrameworkRevision, on_delete=models.CASCADE, related_name="competences")
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="competences")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="points")
    key = models.CharField(max_length=100)
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=Kind)
    subheading = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    guidance = models.TextField(blank=True, help_text="Explains the statement; not judged.")
    is_rateable = models.BooleanField(default=True)
    is_safety_critical = models.BooleanField(default=False)
    source_id = models.CharField(max_length=300, blank=True)
    kept = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField()

    objects = CompetenceQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            chosen("competence", "kind", Kind),
            UniqueConstraint(fields=["revision", "key"], name="competence_key_is_unique_in_its_revision"),
            UniqueConstraint(fields=["revision", "code"], name="competence_code_is_unique_in_its_revision"),
            CheckConstraint(name="competence_has_a_text", condition=~Q(text="") & ~Q(code="") & ~Q(key="")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"
