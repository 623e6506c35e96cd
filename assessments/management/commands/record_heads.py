from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments import verification
from assessments.verification import Head


class Command(BaseCommand):
    help = (
        "Print the place and the hash of each organisation's newest signed record, a line of JSON each. Kept away from"
        " the database, they show later that no earlier record was changed, removed or put in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            type=Path,
            metavar="FILE",
            help="compare the lines of a file that was kept with the database instead; non-zero where they differ",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"] is None:
            for head in verification.heads():
                self.stdout.write(head.line)
            return
        kept = _read(options["check"])
        mismatches = [told for head in kept for told in verification.head_mismatches(head)]
        for mismatch in mismatches:
            self.stderr.write(mismatch)
        if mismatches:
            raise CommandError(f"{len(mismatches)} mismatches.")
        self.stdout.write(f"{len(kept)} heads stand, and what was signed later follows from them.")


def _read(path: Path) -> list[Head]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as text.") from error
    if not lines:
        raise CommandError(f"{path} is empty: it proves nothing.")
    heads = []
    for number, line in enumerate(lines, 1):
        try:
            heads.append(Head.read(line))
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise CommandError(f"{path}, line {number}: this is not a line that record_heads prints.") from error
    return heads
