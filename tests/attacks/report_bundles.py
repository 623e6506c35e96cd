"""Attacks on bundles of reports and their files."""

from django.utils import timezone

from assessments.models import BundleFile, FrameworkRevision, ReportBundle, Role
from tests import factories
from tests.attacks.sql import OTHER_BYTES

BUNDLE, FILE = "UPDATE assessments_reportbundle SET ", "UPDATE assessments_bundlefile SET "
SHA256 = "'" + "0" * 64 + "'"
ADDED = (
    "INSERT INTO assessments_bundlefile (bundle_id, therapist_id, name, stands_on, sha256)"
    " VALUES ({%s}, {bundle_person}, 'new.pdf', '2026-11-27', '')"
)

ATTACKS = {
    "guard_bundle_keeps_what_was_asked_update": [
        *(
            f"{BUNDLE}{change} WHERE id = {{waiting_bundle}}"
            for change in [
                "programme = 'Another'",
                "asked_by_id = {bundle_person}",
                "asked_at = '2020-01-01 00:00:00+00:00'",
                "stands_on = '2020-01-01'",
                "has_assessments = NOT has_assessments",
            ]
        ),
    ],
    "guard_bundle_stays_ended_update": [
        f"{BUNDLE}status = 'waiting', size = NULL, sha256 = '', ended_at = NULL, expires_at = NULL"
        " WHERE id = {ready_bundle}",
        f"{BUNDLE}sha256 = '{'1' * 64}' WHERE id = {{ready_bundle}}",
        f"{BUNDLE}size = 2 WHERE id = {{ready_bundle}}",
        f"{BUNDLE}expires_at = '2099-01-01 00:00:00+00:00' WHERE id = {{ready_bundle}}",
    ],
    "guard_bundle_stays_empty_update": [
        f"{BUNDLE}emptied_at = NULL WHERE id = {{gone_bundle}}",
        f"{BUNDLE}status = 'waiting', reason = '' WHERE id = {{gone_bundle}}",
    ],
    "guard_bundle_is_never_deleted_delete": ["DELETE FROM assessments_reportbundle WHERE id = {gone_bundle}"],
    "guard_bundle_file_is_planned_while_running_insert": [
        ADDED % "waiting_bundle",
        ADDED % "ready_bundle",
        ADDED % "gone_bundle",
    ],
    "guard_bundle_file_stays_what_it_is_update": [
        f"{FILE}name = 'another.pdf' WHERE id = {{made_file}}",
        f"{FILE}bundle_id = {{waiting_bundle}} WHERE id = {{made_file}}",
        f"{FILE}therapist_id = {{lead}} WHERE id = {{made_file}}",
        f"{FILE}stands_on = '2020-01-01' WHERE id = {{made_file}}",
        f"{FILE}sha256 = '{'1' * 64}' WHERE id = {{made_file}}",
        f"{FILE}content = {OTHER_BYTES} WHERE id = {{made_file}}",
    ],
    "guard_bundle_file_is_made_while_running_update": [
        f"{FILE}sha256 = {SHA256} WHERE id = {{open_file_of_gone}}",
    ],
    "guard_bundle_file_is_kept_until_the_end_update": [f"{FILE}content = NULL WHERE id = {{made_file}}"],
    "guard_bundle_file_is_never_deleted_delete": ["DELETE FROM assessments_bundlefile WHERE id = {made_file}"],
}

SOUND = [
    ADDED % "running_bundle",
    f"{FILE}sha256 = {SHA256}, content = {OTHER_BYTES} WHERE id = {{open_file}}",
    f"{FILE}content = NULL WHERE id = {{ready_file}}",
    f"{BUNDLE}status = 'running' WHERE id = {{waiting_bundle}}",
    f"{BUNDLE}emptied_at = expires_at WHERE id = {{ready_bundle}}",
]


def rows(cast):
    now = timezone.now()
    over = {"ended_at": now, "expires_at": now}
    ready = _bundle(cast, cast.supervisor)
    ready_file = _file(ready, cast.therapist, sha256="0" * 64, content=b"%PDF")
    _become(ready, status="done", total=1, finished=1, size=1, sha256="0" * 64, **over)
    gone = _bundle(cast, cast.supervisor)
    open_file_of_gone = _file(gone, cast.therapist)
    _become(gone, status="failed", reason="It took too long.", emptied_at=now, **over)
    running = _bundle(cast, cast.supervisor)
    return {
        "waiting_bundle": _become(_bundle(cast, cast.lead), status="waiting"),
        "running_bundle": running,
        "ready_bundle": ready,
        "gone_bundle": gone,
        "ready_file": ready_file,
        "open_file_of_gone": open_file_of_gone,
        "made_file": _file(running, cast.therapist, sha256="0" * 64, content=b"%PDF"),
        "open_file": _file(running, cast.supervisor),
        "bundle_person": factories.make_person("Dr Priya Raman", Role.SUPERVISOR, cast.northfield),
    }


def _bundle(cast, person):
    return ReportBundle.objects.create(
        organisation=cast.northfield,
        revision=FrameworkRevision.objects.get(framework__slug="ipt"),
        asked_by=person,
        stands_on=timezone.localdate(),
        has_assessments=False,
        has_profiles=True,
        status="running",
    )


def _file(bundle, therapist, **values):
    name = f"{therapist.name}.pdf"
    return BundleFile.objects.create(
        bundle=bundle, therapist=therapist, name=name, stands_on=bundle.stands_on, **values
    )


def _become(bundle, **values):
    ReportBundle.objects.filter(pk=bundle.pk).update(**values)
    return bundle
