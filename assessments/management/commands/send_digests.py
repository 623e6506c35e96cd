from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments import wording
from assessments.actions import digests


class Command(BaseCommand):
    help = (
        "Send each person what happened and what waits for them: one e-mail a day at most, from 7 in the morning on."
        " Run it every few minutes; what the mail server does not take is tried again later."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        tally = digests.attempt(timezone.now())
        self.stdout.write(f"Sent {wording.count(tally.sent, 'e-mail')}.")
        if tally.failed:
            raise CommandError(
                f"The mail server did not take {wording.count(tally.failed, 'e-mail')}. It is asked again later."
            )
