from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments import wording
from assessments.actions import standings


class Command(BaseCommand):
    help = "Write anew what the cohort page reads of where everybody stands, from the ratings themselves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--check", action="store_true", help="only compare, and fail if anything differs")
        what.add_argument("--missing", action="store_true", help="only people who have no rows yet")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        number = standings.rebuild(is_missing_only=options["missing"])
        self.stdout.write(f"Written anew for {wording.count(number, 'therapist')}.")

    def _check(self) -> None:
        found = list(standings.drifted())
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            raise CommandError("Run rebuild_standings, and find out what wrote past the actions.")
        self.stdout.write("Everything is as the ratings say.")
