from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments import queries
from assessments.exceptions import RenderingFailed
from assessments.exporters import case, mahara, moodle, own_csv, own_yaml, xlsx
from assessments.models import FrameworkRevision
from assessments.reports import booklet
from assessments.revisions import RevisionData

Writer = Callable[[FrameworkRevision, RevisionData, str], bytes]


def _case(revision: FrameworkRevision, data: RevisionData, address: str) -> bytes:
    edition = case.Edition(
        base=address,
        changed_at=revision.published_at or timezone.now(),
        status=revision.status,
        retired_on=timezone.localdate(revision.retired_at) if revision.retired_at else None,
        previous=queries.revision_data(revision.previous) if revision.previous else None,
    )
    return case.write(data, edition)


def _booklet(revision: FrameworkRevision, data: RevisionData, address: str) -> bytes:
    published_on = timezone.localdate(revision.published_at) if revision.published_at else None
    return booklet.render(data, booklet.Issue(published_on), is_operator=True)


FORMATS: dict[str, Writer] = {
    "csv": lambda revision, data, address: own_csv.write(data),
    "xlsx": lambda revision, data, address: xlsx.write(data),
    "case": _case,
    "fixture": lambda revision, data, address: own_yaml.write(data),
    "pdf": _booklet,
    "moodle": lambda revision, data, address: moodle.write(data),
    "mahara": lambda revision, data, address: mahara.write(data),
}


class Command(BaseCommand):
    help = "Write a stored framework revision to a file: what can be downloaded, and what other systems read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="address of the framework, such as ipt")
        parser.add_argument("revision", help="its number, such as 1.0")
        parser.add_argument("--format", required=True, choices=list(FORMATS))
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
        parser.add_argument(
            "--address",
            default=_address(),
            help="of this site, of which a CASE package makes its identifiers (%(default)s if left out)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        revision = self._revision(options["slug"], options["revision"])
        data = queries.revision_data(revision)
        try:
            content = FORMATS[options["format"]](revision, data, options["address"])
            options["output"].write_bytes(content)
        except RenderingFailed as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{revision}: {len(content):,} bytes in {options['output']}.")

    def _revision(self, slug: str, number: str) -> FrameworkRevision:
        stored = FrameworkRevision.objects.select_related(
            "framework", "scale", "previous__framework", "previous__scale"
        )
        found = {each.number: each for each in stored.filter(framework__slug=slug).order_by("pk")}
        if number not in found:
            known = f"Stored are {', '.join(found)}." if found else "Load it first."
            raise CommandError(f"Framework {slug} has no revision {number}. {known}")
        return found[number]


def _address() -> str:
    """The first host by name that the server answers for."""
    hosts = [host for host in settings.ALLOWED_HOSTS if not host.startswith((".", "*"))]
    return f"{'https' if settings.IS_HTTPS else 'http'}://{next(iter(hosts), 'localhost')}/"
