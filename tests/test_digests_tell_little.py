"""Of the whole demo, no e-mail tells what was rated or written, of which case, or of whom."""

import datetime
import re
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from assessments import letters
from assessments.actions import digests
from assessments.models import (
    Activity,
    Assessment,
    Competence,
    Digest,
    Domain,
    Goal,
    Notice,
    NoticeKind,
    Organisation,
    Rating,
    RatingLevel,
    User,
)

pytestmark = pytest.mark.django_db

IN_TWO_MONTHS = timezone.now().replace(hour=12) + datetime.timedelta(days=60)


@pytest.fixture
def told(db):
    """All that the e-mails say if everything that can happen happened to every assessment, and much waits besides."""
    call_command("seed_demo", stdout=StringIO())
    Notice.objects.bulk_create(
        Notice(person_id=person, kind=kind, assessment=assessment)
        for assessment in Assessment.objects.all()
        for person in {assessment.therapist_id, assessment.supervisor_id}
        for kind in NoticeKind.values
    )
    with time_machine.travel(IN_TWO_MONTHS, tick=False):
        assert digests.send_due(timezone.now()) == Digest.objects.count() >= 6
    return "\n".join(part for message in mail.outbox for part in [message.subject, message.body])


def found(told, texts):
    """Which of the texts are told, as whole words."""
    return [text for text in set(texts) if text and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", told, re.IGNORECASE)]


def test_e_mails_tell_no_rating_no_text_no_case_and_no_name(told):
    texts = [
        *RatingLevel.objects.values_list("label", flat=True),
        *Rating.objects.values_list("note", flat=True),
        *Competence.objects.values_list("text", flat=True),
        *Activity.objects.values_list("short_title", flat=True),
        *Domain.objects.values_list("title", flat=True),
        *Goal.objects.values_list("text", flat=True),
        *Organisation.objects.values_list("name", flat=True),
    ]
    for name in ["summary", "strengths", "needs", "reply", "withdrawn_reason"]:
        texts += Assessment.objects.values_list(name, flat=True)
    names = [word for person in User.objects.all() for word in person.name.split() if word != "Dr"]

    assert len(texts) > 2000
    assert found(told, texts) == ["Assessment"]  # also what an activity is called
    assert found(told, [*names, *User.objects.values_list("email", flat=True), "case", "phase", "session number"]) == []


def test_e_mails_tell_of_everything_that_can_happen(told):
    """Else the test above says little."""
    lacking = [
        kind
        for kind, telling in letters.TELLINGS.items()
        if not re.search(telling.words.replace("{day}", r"\d+ \w+ \d{4}"), told)
    ]

    assert lacking == []
    assert "What waits for you" in told


def test_every_kind_has_words():
    assert set(letters.TELLINGS) == set(NoticeKind.values)
