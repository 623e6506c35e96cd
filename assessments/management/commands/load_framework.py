from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessments import importers, queries
from assessments.actions import frameworks, lineage
from assessments.exceptions import ImportRejected, Problem, Refused
from assessments.importers import assembly, shaping
from assessments.importers.reading import KINDS, Answers, Notice
from assessments.models import FrameworkRevision

SHOWN = 100
STATED = {
    "framework": "address of the framework, such as cbt",
    "framework_title": "title of the framework",
    "number": "number of this revision, such as 2026.1",
    "title": "title of this revision",
    "previous": "number of the published revision that this one follows",
}


def column(text: str) -> tuple[str, str]:
    head, separator, role = text.rpartition("=")
    if not separator:
        raise ArgumentTypeError(f"{text!r} names no role. Write it as HEAD=ROLE, for example chapter_id=domain_code.")
    return head, role


class Command(BaseCommand):
    help = (
        "Load a framework revision from a file, all or nothing: XLSX, CSV, CASE package, Moodle or Mahara framework, a "
        "plain list, or this product's own YAML or CSV. What the file does not say is stated by options."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="for example fixtures/ipt-1.0.yaml")
        parser.add_argument("--publish", action="store_true", help="publish it as well; it never changes afterwards")
        for name, told in STATED.items():
            parser.add_argument(f"--{name.replace('_', '-')}", default=None, help=told)
        parser.add_argument("--column", type=column, action="append", default=[], metavar="HEAD=ROLE")
        parser.add_argument("--sheet", default="", help="of a workbook; the first one that fits if left out")
        parser.add_argument(
            "--shape", choices=list(shaping.SHAPES), default="", help="what the levels of a tree are here"
        )
        parser.add_argument("--level", default="", help="with --shape window: the level that holds the competences")
        parser.add_argument("--kind", choices=KINDS, default="skill", help="of competences that do not say")
        parser.add_argument(
            "--scale", default="", metavar="KEY/VERSION", help="a stored scale instead of the file's own"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            revision = self._load(path, self._answers(options), is_published=options["publish"])
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except Refused as error:
            raise CommandError(f"{path}: {error}") from error
        except ImportRejected as error:
            raise CommandError(_listed(path, error.problems)) from error
        counts = (
            f"{revision.domains.count()} domains, {revision.activities.count()} activities, "
            f"{revision.competences.rateable().count()} competences"
        )
        self.stdout.write(f"{revision}: {counts}, {revision.get_status_display().lower()}.")

    def _answers(self, options: dict[str, Any]) -> Answers:
        stated = {name: options[name] for name in STATED if options[name] is not None}
        chosen = {name: options[name] for name in ["sheet", "shape", "level", "kind", "scale"]}
        return Answers(columns=dict(options["column"]), metadata=stated, **chosen)

    def _load(self, path: Path, answers: Answers, *, is_published: bool) -> FrameworkRevision:
        reading = importers.read(path.name, path.read_bytes(), answers)
        scale = queries.chosen_scale(reading, answers)
        if answers.scale and scale is None:
            known = ", ".join(f"{each.key}/{each.version}" for each in queries.scales_offered())
            raise Refused(f"There is no stored scale {answers.scale}. Choose one of {known}.")
        assembled = assembly.assemble(reading, answers, scale=scale)
        if assembled.revision is None:
            raise ImportRejected(assembled.problems)
        self._tell(path, assembled.notices)
        with transaction.atomic():
            revision = frameworks.load(by=None, data=assembled.revision)
            if not is_published:
                return revision
            # At the command line the operator is the person who confirms; only what needs judgement stays open.
            if revision.is_draft:
                lineage.confirm_certain(by=None, revision=revision)
            return frameworks.publish(by=None, revision=revision)

    def _tell(self, path: Path, notices: list[Notice]) -> None:
        for notice in notices[:SHOWN]:
            word = "Warning: " if notice.is_warning else ""
            self.stderr.write(f"{path}: {notice.place}: {word}{notice.what}")


def _listed(path: Path, problems: list[Problem]) -> str:
    return "\n".join(f"{path}: {problem}" for problem in problems)
