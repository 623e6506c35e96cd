from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from assessments import wording
from assessments.actions import rater_links


class Command(BaseCommand):
    help = "Remind occasional raters whose link ends within three days, each once. Run it daily or more often."

    def handle(self, *args: Any, **options: Any) -> None:
        number = rater_links.remind_due(timezone.now())
        self.stdout.write(f"Reminded {wording.count(number, 'rater')}.")
