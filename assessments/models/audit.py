from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils import timezone

from assessments.models.assessment import Assessment
from assessments.models.constraints import chosen
from assessments.models.framework import FrameworkRevision
from assessments.models.people import Organisation, User


class EventType(models.TextChoices):
    """Everything that can happen, named by what it was."""

    REVISION_LOADED = "revision_loaded", "Revision loaded"
    REVISION_CHANGED = "revision_changed", "Draft revision changed"
    REVISION_PUBLISHED = "revision_published", "Revision published"
    REVISION_RETIRED = "revision_retired", "Revision retired"
    REVISION_DISCARDED = "revision_discarded", "Draft revision discarded"
    FILE_UPLOADED = "file_uploaded", "Framework file uploaded"
    FILE_ANSWERED = "file_answered", "Choices about a framework file saved"
    FILE_DISCARDED = "file_discarded", "Framework file discarded"
    LINKS_SAVED = "links_saved", "Mapping saved"
    CARRY_OVER_DECIDED = "carry_over_decided", "Ratings carried over"
    CARRY_OVER_UNDONE = "carry_over_undone", "Carry-over undone"
    SCALE_SAVED = "scale_saved", "Scale saved"
    SHORT_FORM_SAVED = "short_form_saved", "Short form saved"
    SHORT_FORM_RETIRED = "short_form_retired", "Short form retired"
    PROGRAMME_SAVED = "programme_saved", "Programme saved"
    PROGRAMME_RETIRED = "programme_retired", "Programme retired"
    ORGANISATION_CREATED = "organisation_created", "Organisation created"
    ORGANISATION_CHANGED = "organisation_changed", "Rules of signing changed"
    PERSON_CREATED = "person_created", "Person added"
    PERSON_CHANGED = "person_changed", "Person changed"
    MEMBERSHIP_STARTED = "membership_started", "Role given"
    MEMBERSHIP_ENDED = "membership_ended", "Role ended"
    SUPERVISION_STARTED = "supervision_started", "Supervision started"
    SUPERVISION_ENDED = "supervision_ended", "Supervision ended"
    ASSESSMENT_STARTED = "assessment_started", "Assessment started"
    ASSESSMENT_LOADED = "assessment_loaded", "Assessment loaded with the demo"
    ASSESSMENT_FROM_FORM = "assessment_from_form", "Entered from an earlier form"
    FORM_UPLOADED = "form_uploaded", "Earlier form uploaded"
    FORM_DISCARDED = "form_discarded", "Earlier form discarded"
    CONTEXT_CHANGED = "context_changed", "Context corrected"
    OUTBOX_OPENED = "outbox_opened", "Unsent answers may be kept on a device"
    UNSENT_REPORTED = "unsent_reported", "Answers waiting on a device"
    RATING_SAVED = "rating_saved", "Rating saved"
    RATING_CLEARED = "rating_cleared", "Rating cleared"
    TEXTS_SAVED = "texts_saved", "Feedback saved"
    GOAL_SAVED = "goal_saved", "Development goal saved"
    GOAL_REMOVED = "goal_removed", "Development goal removed"
    GOAL_CLOSED = "goal_closed", "Development goal closed"
    GOAL_REOPENED = "goal_reopened", "Development goal opened again"
    ASSESSMENT_SHARED = "assessment_shared", "Shared with the therapist"
    ASSESSMENT_TAKEN_BACK = "assessment_taken_back", "Taken back to draft"
    ASSESSMENT_REPLIED = "assessment_replied", "Reply saved"
    ASSESSMENT_SIGNED = "assessment_signed", "Signed"
    ASSESSMENT_SIGNED_OFF = "assessment_signed_off", "Signed off"
    ASSESSMENT_WITHDRAWN = "assessment_withdrawn", "Withdrawn"
    ASSESSMENT_HANDED_OVER = "assessment_handed_over", "Handed over"
    ASSESSMENT_CLOSED = "assessment_closed", "Closed without the therapist\u2019s signature"
    ASSESSMENT_REOPENED = "assessment_reopened", "Reopened as a new version"
    SELF_ASSESSMENT_ASKED = "self_assessment_asked", "Self-assessment asked for"
    SELF_ASSESSMENT_SHOWN = "self_assessment_shown", "Self-assessment shown to supervisors"
    SECOND_RATING_ASKED = "second_rating_asked", "Second rating asked for"
    RATER_INVITED = "rater_invited", "Occasional rater invited"
    RATER_LINK_SENT = "rater_link_sent", "Link sent to the occasional rater"
    RATER_LINK_RENEWED = "rater_link_renewed", "Link of the occasional rater renewed"
    RATER_LINK_EXTENDED = "rater_link_extended", "Time of the occasional rater extended"
    RATER_LINK_ENDED = "rater_link_ended", "Link of the occasional rater ended"
    RATER_CODE_ASKED = "rater_code_asked", "Code asked for by the occasional rater"
    RATER_CODE_SENT = "rater_code_sent", "Code sent to the occasional rater"
    RATER_CODE_REFUSED = "rater_code_refused", "Wrong code entered"
    RATER_MAIL_FAILED = "rater_mail_failed", "E-mail to the occasional rater could not be sent"
    RATER_CONFIRMED = "rater_confirmed", "Occasional rater confirmed by code"
    RATER_REMINDED = "rater_reminded", "Occasional rater reminded"
    COHORT_EXPORTED = "cohort_exported", "Cohort downloaded"
    REPORT_ISSUED = "report_issued", "Report issued"
    BUNDLE_ASKED = "bundle_asked", "All reports of a cohort asked for"
    BUNDLE_CANCELLED = "bundle_cancelled", "All reports of a cohort cancelled"
    BUNDLE_TRIED_AGAIN = "bundle_tried_again", "All reports of a cohort asked for again"
    BUNDLE_ENDED = "bundle_ended", "All reports of a cohort made, or stopped"
    BUNDLE_DOWNLOADED = "bundle_downloaded", "All reports of a cohort downloaded"
    BUNDLE_EMPTIED = "bundle_emptied", "Expired reports of a cohort removed"
    ARCHIVE_DOWNLOADED = "archive_downloaded", "Everything held about a person downloaded"


class AuditEvent(models.Model):
    """An append-only record of one change, written in the same transaction as the change.

    `change_key` is made by the writer's device; sending the same change again finds it here and changes nothing.
    """

    Type = EventType

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="events_caused")
    type = models.CharField(max_length=40, choices=EventType)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="events")
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.PROTECT, related_name="events")
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="events")
    revision = models.ForeignKey(FrameworkRevision, null=True, on_delete=models.PROTECT, related_name="events")
    change_key = models.UUIDField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            chosen("event", "type", EventType),
            UniqueConstraint(fields=["change_key"], name="event_change_key_is_used_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} at {self.at:%Y-%m-%d %H:%M}"


class Opened(models.TextChoices):
    PROFILE = "profile", "Profile"
    ASSESSMENT = "assessment", "Assessment"
    REPORT = "report", "Report"


class RecordAccess(models.Model):
    """Somebody opened a therapist's record: append-only, one row a day, shown to the therapist."""

    Opened = Opened

    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="record_accesses")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="records_opened")
    opened = models.CharField(max_length=20, choices=Opened)
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.PROTECT, related_name="accesses")
    on = models.DateField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            chosen("access", "opened", Opened),
            UniqueConstraint(
                fields=["therapist", "by", "on"],
                condition=Q(assessment__isnull=True),
                name="access_to_profile_is_noted_once_a_day",
            ),
            UniqueConstraint(
                fields=["assessment", "by", "opened", "on"],
                condition=Q(assessment__isnull=False),
                name="access_to_assessment_is_noted_once_a_day",
            ),
            CheckConstraint(
                name="access_names_an_assessment_unless_profile",
                condition=Q(opened="profile", assessment__isnull=True)
                | (~Q(opened="profile") & Q(assessment__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_opened_display()} on {self.on}"


class SignedRecord(models.Model):
    """The whole signed assessment as canonical JSON, chained to the organisation's previous one by its hash."""

    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="signed_record")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="signed_records")
    sequence = models.PositiveIntegerField()
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)
    content = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["organisation", "sequence"]
        indexes = [models.Index(fields=["sha256"], name="record_by_its_hash")]
        constraints = [
            UniqueConstraint(fields=["organisation", "sequence"], name="record_has_its_place_in_the_chain"),
            CheckConstraint(
                name="record_links_to_the_one_before",
                condition=Q(sequence=1, previous_sha256="") | (Q(sequence__gt=1) & ~Q(previous_sha256="")),
            ),
        ]

    def __str__(self) -> str:
        return f"Record {self.sequence}"


class ReportKind(models.TextChoices):
    """Everything within the extent, or only what was rated. In the order in which they are issued."""

    FULL = "full", "Full report"
    SHORT = "short", "Short version"


class Report(models.Model):
    """An issued document: rendered once, kept as bytes, downloaded as those bytes ever after."""

    Kind = ReportKind

    id = models.BigAutoField(primary_key=True)
    record = models.ForeignKey(SignedRecord, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=20, choices=ReportKind, default=ReportKind.FULL)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reports_issued")

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="report_by_its_hash")]
        constraints = [
            chosen("report", "kind", ReportKind),
            UniqueConstraint(fields=["record", "kind"], name="report_is_one_of_its_kind"),
        ]

    def __str__(self) -> str:
        return f"Report {self.sha256[:12]}"
