"""Attacks on e-mails and on what they tell."""

from django.utils import timezone

from assessments.models import Digest, Notice

DIGEST, NOTICE = "UPDATE assessments_digest SET ", "UPDATE assessments_notice SET "
NOW = timezone.now()

ATTACKS = {
    "guard_digest_is_kept_as_it_was_sent_update": [
        f"{DIGEST}body = 'Another.' WHERE id = {{sent_digest}}",
        f"{DIGEST}sent_at = NULL WHERE id = {{sent_digest}}",
        f"{DIGEST}dropped_at = NULL WHERE id = {{dropped_digest}}",
    ],
    "guard_digest_is_kept_as_it_was_sent_delete": [
        "DELETE FROM assessments_digest WHERE id = {sent_digest}",
        "DELETE FROM assessments_digest WHERE id = {dropped_digest}",
    ],
    "guard_digest_keeps_its_person_update": [
        f"{DIGEST}person_id = {{lead}} WHERE id = {{open_digest}}",
        f"{DIGEST}created_at = sent_at WHERE id = {{open_digest}}",
    ],
    "guard_notice_is_kept_once_told_update": [
        f"{NOTICE}digest_id = NULL WHERE id = {{told_notice}}",
        f"{NOTICE}dropped_at = created_at WHERE id = {{told_notice}}",
        f"{NOTICE}kind = 'signed' WHERE id = {{waiting_notice}}",
        f"{NOTICE}person_id = {{lead}} WHERE id = {{waiting_notice}}",
    ],
    "guard_notice_is_kept_once_told_delete": ["DELETE FROM assessments_notice WHERE id = {told_notice}"],
    "guard_notice_is_told_to_its_person_insert": [
        "INSERT INTO assessments_notice (person_id, kind, assessment_id, created_at, digest_id)"
        " SELECT {lead}, kind, assessment_id, created_at, {open_digest} FROM assessments_notice"
        " WHERE id = {told_notice}",
    ],
    "guard_notice_is_told_to_its_person_update": [
        f"{NOTICE}digest_id = {{open_digest}} WHERE id = {{waiting_notice}}",
    ],
}

SOUND = [
    f"{DIGEST}body = 'Another.', attempts = 1 WHERE id = {{open_digest}}",
    f"{DIGEST}sent_at = created_at, attempts = 1 WHERE id = {{open_digest}}",
    f"{NOTICE}dropped_at = created_at WHERE id = {{waiting_notice}}",
    "DELETE FROM assessments_notice WHERE id = {waiting_notice}",
]


def _digest(person, on, **facts):
    return Digest.objects.create(person=person, on=on, created_at=NOW, next_try_at=NOW, **facts)


def rows(cast):
    sent = _digest(cast.therapist, "2026-11-26", attempts=1)
    told, waiting, *_ = Notice.objects.filter(person=cast.therapist).order_by("pk")
    Notice.objects.filter(pk=told.pk).update(digest=sent)
    Digest.objects.filter(pk=sent.pk).update(sent_at=NOW)
    return {
        "sent_digest": sent,
        "dropped_digest": _digest(cast.supervisor, "2026-11-25", dropped_at=NOW),
        "open_digest": _digest(cast.supervisor, "2026-11-26"),
        "told_notice": told,
        "waiting_notice": waiting,
    }
