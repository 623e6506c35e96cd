from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments import verification


class Command(BaseCommand):
    help = (
        "Recompute every signed record, its place in the chain and its report's checksum, and compare it with what the"
        " database says now."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        mismatches = list(verification.mismatches())
        for mismatch in mismatches:
            self.stderr.write(mismatch)
        if mismatches:
            raise CommandError(f"{len(mismatches)} mismatches.")
        self.stdout.write(f"{verification.count()} signed records stand as they were signed.")
