from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessments.actions import frameworks
from assessments.exceptions import ImportRejected, Refused
from assessments.importers import own_yaml
from assessments.models import FrameworkRevision

SHOWN = 100


class Command(BaseCommand):
    help = "Load a framework revision from a file in the project's own format, all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="for example fixtures/ipt-1.0.yaml")
        parser.add_argument("--publish", action="store_true", help="publish it as well; it never changes afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        revision = self._load(options["file"], is_published=options["publish"])
        counts = (
            f"{revision.domains.count()} domains, {revision.activities.count()} activities, "
            f"{revision.competences.rateable().count()} competences"
        )
        self.stdout.write(f"{revision}: {counts}, {revision.get_status_display().lower()}.")

    def _load(self, path: Path, *, is_published: bool) -> FrameworkRevision:
        try:
            data = own_yaml.read(path.read_bytes())
            with transaction.atomic():
                revision = frameworks.load(by=None, data=data)
                return frameworks.publish(by=None, revision=revision) if is_published else revision
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except Refused as error:
            raise CommandError(f"{path}: {error}") from error
        except ImportRejected as error:
            shown = [f"{path}: {problem}" for problem in error.problems[:SHOWN]]
            more = len(error.problems) - SHOWN
            raise CommandError("\n".join([*shown, *([f"… and {more} more."] if more > 0 else [])])) from error
