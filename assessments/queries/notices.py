"""Reads for e-mails: whom to write to, what happened and what waits for each, and what was sent."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from assessments import letters
from assessments.letters import Due, Letter, News
from assessments.models import (
    Assessment,
    AuditEvent,
    Digest,
    Goal,
    Membership,
    Notice,
    Supervision,
    User,
)
from assessments.models.assessment import STANDING
from assessments.models.goal import GoalOwner
from assessments.models.self_assessment import NOT_WAITING
from assessments.queries.assessments import waiting_for_supervisor, waiting_for_therapist

# What only waits is not said again so soon.
REMINDED_EVERY = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Mail:
    """What there is to tell one person; without a letter there is nothing."""

    person: Any
    news: News
    letter: Letter | None


def people_with_news(now: datetime.datetime) -> QuerySet[User]:
    """Those to whom something happened and who can be written to today."""
    ready = Notice.objects.waiting().ready(now).order_by()
    return _not_written_to(now).filter(pk__in=ready.values("person"))


def people_to_remind(now: datetime.datetime) -> QuerySet[User]:
    """Those of whom nobody has looked today what waits for them."""
    today = timezone.localdate(now)
    return _not_written_to(now).filter(is_active=True, has_digest=True, due_checked_on__lt=today)


def _not_written_to(now: datetime.datetime) -> QuerySet[User]:
    written = Digest.objects.filter(person=OuterRef("pk"))
    return User.objects.filter(
        ~Exists(written.open()), ~Exists(written.filter(on__gte=timezone.localdate(now)))
    ).order_by("due_checked_on", "pk")


def people_to_write_to(people: Iterable[UUID], now: datetime.datetime) -> list[Any]:
    """These people, with the roles of today and whether they had an e-mail lately."""
    since = timezone.localdate(now) - REMINDED_EVERY
    lately = Digest.objects.filter(person=OuterRef("pk"), on__gt=since, sent_at__isnull=False)
    found: list[Any] = list(User.objects.filter(pk__in=people).annotate(was_told_lately=Exists(lately)))
    held = defaultdict(list)
    for row in Membership.objects.current().filter(user__in=found):
        held[row.user_id].append(row)
    for person in found:
        person.current_memberships = held[person.pk]
    return found


def mails(people: list[Any], now: datetime.datetime) -> list[Mail]:
    """A letter to each, where there is something to say. In six statements, and one for each who has news."""
    notices = defaultdict(list)
    for notice in Notice.objects.unsent().ready(now).filter(person__in=people).select_related("assessment"):
        notices[notice.person_id].append(notice)
    waiting = due(people, now)
    return [_mail(person, notices[person.pk], waiting[person.pk]) for person in people]


def _mail(person: Any, notices: list[Notice], due: Due) -> Mail:
    if not (person.is_active and person.has_digest):
        return Mail(person, News(lapsed=notices), None)
    news = letters.news(notices, _seen(person, notices))
    is_worth_it = news.lines or (due.total and not person.was_told_lately)
    return Mail(person, news, letters.write(news, due) if is_worth_it else None)


def _seen(person: User, notices: list[Notice]) -> dict[UUID, bool]:
    """Which of the assessments the person may know of now, each with whether it may be read."""
    if not notices:
        return {}
    meant = {notice.assessment_id for notice in notices}
    rows: Any = Assessment.objects.visible_to(person).with_may_read(person).filter(pk__in=meant)
    return {row.pk: row.may_read for row in rows.only("pk")}


def due(people: list[Any], now: datetime.datetime) -> dict[UUID, Due]:
    """What waits for each of these people, in five statements."""
    since = now - letters.NOT_ANSWERED_FOR
    drafts = Counter(_drafts_left(people, now).values_list("supervisor", flat=True))
    to_reply = waiting_for_therapist(*people).filter(~Q(self_assessment__opened_at__gte=since), shared_at__lt=since)
    to_sign = waiting_for_supervisor(*people).filter(Q(replied_at__lt=since) | Q(other_signed_at__lt=since))
    replies = Counter(to_reply.order_by().values_list("therapist", flat=True))
    signatures = Counter(to_sign.order_by().values_list("supervisor", flat=True))
    goals = _goals_past(people, now)
    return {
        person.pk: Due(drafts[person.pk], replies[person.pk], signatures[person.pk], goals[person.pk])
        for person in people
    }


def _drafts_left(people: list[Any], now: datetime.datetime) -> QuerySet[Assessment]:
    """Drafts of theirs, to which nothing has happened for long, and which they may still go on with."""
    since = now - letters.NOT_TOUCHED_FOR
    lately = AuditEvent.objects.filter(assessment=OuterRef("pk"), at__gte=since)
    return Assessment.objects.editable_by(*people).filter(~Exists(lately), created_at__lt=since)


def _goals_past(people: list[Any], now: datetime.datetime) -> Counter[UUID]:
    """Goals that each is to do something about, while the supervision runs."""
    running = Supervision.objects.current().filter(
        therapist=OuterRef("therapist"), organisation=OuterRef("assessment__organisation")
    )
    past = Goal.objects.still_open().filter(due_on__lt=timezone.localdate(now), assessment__status__in=STANDING)
    past = past.order_by()
    read = Assessment.objects.filter(NOT_WAITING, therapist__in=people).order_by()
    of_therapists = past.filter(Exists(running), therapist__in=people, assessment__in=read).exclude(
        owner=GoalOwner.SUPERVISOR
    )
    of_supervisors = past.filter(
        Exists(running.filter(supervisor=OuterRef("assessment__supervisor"))),
        assessment__supervisor__in=people,
        owner__in=[GoalOwner.SUPERVISOR, GoalOwner.BOTH],
    )
    found = Counter(of_therapists.values_list("therapist", flat=True))
    return found + Counter(of_supervisors.values_list("assessment__supervisor", flat=True))


def digests_sent(person: User) -> QuerySet[Digest]:
    return person.digests.filter(sent_at__isnull=False).order_by("-on")
