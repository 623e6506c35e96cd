import os
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.actions import archives
from assessments.models import User


class Command(BaseCommand):
    help = "Write everything held about a person to a ZIP file, to answer a request for access. The history notes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address with which the person signs in")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="must not exist yet")
        parser.add_argument(
            "--with-drafts",
            action="store_true",
            help="include assessments that are not shared with the person; a request for access covers them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["output"]
        person = User.objects.filter(email=options["email"].lower()).first()
        if person is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        try:
            content = archives.export(person=person, with_drafts=options["with_drafts"], keep=partial(_write_new, path))
        except FileExistsError as error:
            raise CommandError(f"{path} is there already. Choose another name, or remove it first.") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        drafts = "drafts included" if options["with_drafts"] else "without drafts"
        self.stdout.write(f"{person.name}, {drafts}: {len(content):,} bytes in {path}.")


def _write_new(path: Path, content: bytes) -> None:
    """For the eyes of whoever asked for it: nobody else on the machine may read it."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            path.unlink()
            raise
