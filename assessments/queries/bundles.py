"""Bundles of reports: what was asked for, what goes into one, and its content file by file."""

import re
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from assessments import permissions
from assessments.models import Assessment, BundleFile, Report, ReportBundle, Status, User
from assessments.models.audit import ReportKind
from assessments.queries.cohort import in_training

# What some system does not allow in the name of a file.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def bundles_of(user: User) -> QuerySet[ReportBundle]:
    """What this person asked for, the newest first."""
    return ReportBundle.objects.visible_to(user).select_related("organisation", "revision__framework")


def bundle(user: User, pk: UUID) -> ReportBundle:
    """One's own. Raises DoesNotExist."""
    return bundles_of(user).get(pk=pk)


def planned_files(bundle: ReportBundle) -> list[BundleFile]:
    """What goes in, by therapist: of everybody there whom the person who asked may read at this moment.

    The report of an assessment that was issued has its checksum; what has none is still to be made.
    """
    wanted = in_training(bundle.organisation, bundle.programme)
    known = User.objects.therapists_known_to(bundle.asked_by).filter(pk__in=wanted).order_by("name", "pk")
    people = [each for each in known if permissions.allows(permissions.check_can_view_profile, bundle.asked_by, each)]
    reports = _reports(bundle, people) if bundle.has_assessments else {}
    planned = []
    for person in people:
        planned += reports.get(person.pk, [])
        if bundle.has_profiles:
            planned.append(_planned(bundle, person, f"profile-{bundle.stands_on.isoformat()}.pdf"))
    return planned


def _reports(bundle: ReportBundle, people: list[User]) -> dict[UUID, list[BundleFile]]:
    """The signed assessments of each up to the day, the earliest first."""
    by_pk = {person.pk: person for person in people}
    issued = Report.objects.filter(record__assessment=OuterRef("pk"), kind=ReportKind.FULL)
    signed = (
        Assessment.objects.readable_by(bundle.asked_by)
        .filter(
            organisation=bundle.organisation,
            therapist__in=people,
            status=Status.SIGNED_OFF,
            session_on__lte=bundle.stands_on,
        )
        .order_by("session_on", "created_at")
        .values_list("pk", "therapist", "session_on", Subquery(issued.values("sha256")))
    )
    found: dict[UUID, list[BundleFile]] = {pk: [] for pk in by_pk}
    for pk, therapist, session_on, sha256 in signed:
        file = _planned(bundle, by_pk[therapist], f"assessment-{session_on.isoformat()}-{str(pk)[-8:]}.pdf")
        file.assessment_id, file.stands_on, file.sha256 = pk, session_on, sha256 or ""
        found[therapist].append(file)
    return found


def _planned(bundle: ReportBundle, person: User, name: str) -> BundleFile:
    folder = _FORBIDDEN.sub("-", person.name).strip(" .") or "Therapist"
    path = f"{folder} ({str(person.pk)[-8:]})/{name}"
    return BundleFile(bundle=bundle, therapist=person, name=path, stands_on=bundle.stands_on)


def next_file(bundle: ReportBundle) -> BundleFile | None:
    """The first that is still to be made."""
    return bundle.files.filter(sha256="").select_related("therapist", "assessment").first()


def bundle_files(bundle: ReportBundle) -> list[BundleFile]:
    """All of it without the content, which `bundle_content` gives one by one."""
    return list(bundle.files.select_related("therapist").defer("content"))


def bundle_content(file: BundleFile) -> bytes:
    """Raises DoesNotExist where it was removed meanwhile."""
    if file.is_profile:
        kept = BundleFile.objects.filter(content__isnull=False).values_list("content", flat=True).get(pk=file.pk)
        return bytes(kept or b"")
    reports = Report.objects.filter(record__assessment=file.assessment_id)
    return bytes(reports.values_list("content", flat=True).get(kind=ReportKind.FULL))
