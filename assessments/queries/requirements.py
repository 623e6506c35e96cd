"""What the programmes of a therapist ask for, held against the assessments that somebody may read."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from assessments import profiles, requirements
from assessments.models import Assessment, FrameworkRevision, User
from assessments.queries.programmes import HeldProgramme, judged_with_concerns, of_framework, programmes_held
from assessments.requirements import Requirement


@dataclass(frozen=True)
class ProgrammeReport:
    """One programme of a therapist: a finding in a sentence, and each requirement; neither where none is defined."""

    held: HeldProgramme
    headline: str
    requirements: list[Requirement]
    assessments: int


def programme_reports(
    reader: User, therapist: User, revision: FrameworkRevision, on: datetime.date, counting: Iterable[Assessment]
) -> list[ProgrammeReport]:
    """As of a day, from those of the assessments that count which were made on the revision's framework by then."""
    rows = [row for row in of_framework(counting, revision) if row.session_on <= on]
    return [_report(held, therapist, revision, on, rows) for held in programmes_held(reader, therapist, on)]


def _report(
    held: HeldProgramme, therapist: User, revision: FrameworkRevision, on: datetime.date, counted: list[Assessment]
) -> ProgrammeReport:
    here = [row for row in counted if row.organisation_id == held.organisation.pk]
    if held.programme is None:
        return ProgrammeReport(held, "", [], len(here))
    profile = profiles.build(therapist, revision, on, here)
    rows = requirements.requirements(held.programme, profile, here, judged_with_concerns(here))
    return ProgrammeReport(held, requirements.headline(held.programme, rows), rows, len(here))
