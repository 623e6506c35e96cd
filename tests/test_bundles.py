"""All reports of a cohort as one file: what goes in, how the work goes on, who takes it."""

import csv
import datetime
import hashlib
import io
import zipfile

import pytest
from django.db import connection
from django.utils import timezone

from assessments import permissions
from assessments.actions import bundle_work, bundles, reports
from assessments.exceptions import NotAllowed, Refused, RenderingFailed
from assessments.exporters import bundle as exporter
from assessments.models import BundleFile, Membership, RecordAccess, Report, ReportBundle, Role, User
from assessments.queries import bundles as reads
from assessments.reports import pdf
from tests import factories
from tests.factories import days_ago, make_bundle, make_ready_bundle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pages(monkeypatch):
    """The pages that were set, which takes no time here; the same pages are the same bytes."""
    made = []

    def set_pages(html, **_):
        made.append(html)
        return b"%PDF" + hashlib.sha256(html.encode()).digest()

    monkeypatch.setattr(pdf, "set_pages", set_pages)
    return made


@pytest.fixture
def busy(monkeypatch):
    """Nobody gets a turn to set pages."""

    def set_pages(html, **_):
        raise RenderingFailed(pdf.BUSY)

    monkeypatch.setattr(pdf, "set_pages", set_pages)


@pytest.fixture
def bundle(lead, northfield, revision, therapist, other_therapist):
    return make_bundle(lead, northfield, revision)


def asking(request):
    return [request.getfixturevalue(name) for name in ["lead", "northfield", "revision"]]


def work(most=100):
    """What is due, piece by piece; returns the number of pieces."""
    pieces = 0
    while pieces < most and bundle_work.step():
        pieces += 1
    return pieces


def now(bundle):
    return ReportBundle.objects.get(pk=bundle.pk)


def counts(bundle):
    found = now(bundle)
    return found.status, found.finished, found.total


def lapse(bundle):
    """As if two minutes had passed, or the pause after an attempt."""
    ReportBundle.objects.filter(pk=bundle.pk).update(leased_until=timezone.now() - datetime.timedelta(seconds=1))


def unzipped(bundle):
    pieces = exporter.pieces(bundle, reads.bundle_files(bundle), reads.bundle_content)
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def folder(person):
    return f"{person.name} ({str(person.pk)[-8:]})"


def rival(bundle, **changes):
    """A statement wrapper: between looking for a bundle and locking it somebody else has changed it."""
    looks = []

    def wrapper(execute, sql, params, many, context):
        if sql.startswith("SELECT") and 'FROM "assessments_reportbundle"' in sql:
            looks.append(sql)
            if len(looks) == 2:
                ReportBundle.objects.filter(pk=bundle.pk).update(**changes)
        return execute(sql, params, many, context)

    return wrapper


# What goes in


def test_each_therapist_has_a_profile_report(bundle, therapist, other_therapist):
    work()

    assert counts(bundle) == ("done", 2, 2)
    today = timezone.localdate().isoformat()
    assert [file.name for file in bundle.files.all()] == [
        f"{folder(therapist)}/profile-{today}.pdf",
        f"{folder(other_therapist)}/profile-{today}.pdf",
    ]


def test_profile_report_is_the_one_of_the_page(bundle, lead, shared, pages):
    work()

    assert [lead.name in page for page in pages] == [True] * 2
    assert [page.count("shared and not yet signed") for page in pages] == [1, 0]  # of Amara, then of Daniel


def test_draft_goes_into_no_profile(bundle, draft, pages):
    factories.rate(draft, "S2.1", 4, note="Not yet for anybody.")

    work()

    assert [page for page in pages if "Nothing is rated yet for" not in page] == []


def test_issued_report_is_taken_as_it_was_issued(bundle, lead, supervisor, signed):
    issued = reports.issue(by=supervisor, assessment=signed)

    work()

    file = bundle.files.get(assessment=signed)
    assert (file.sha256, file.content, file.stands_on) == (issued.sha256, None, signed.session_on)
    with unzipped(now(bundle)) as packed:
        assert packed.read(file.name) == bytes(issued.content)


def test_report_that_was_not_issued_is_issued(bundle, lead, signed):
    work()

    report = Report.objects.get(record=signed.signed_record)
    assert (report.issued_by, bundle.files.get(assessment=signed).sha256) == (lead, report.sha256)


def test_assessment_that_is_not_signed_has_no_report(bundle, shared, draft):
    work()

    assert bundle.files.filter(assessment__isnull=False).count() == 0


@pytest.mark.parametrize(("days", "number"), [(3, 0), (2, 1)])
def test_assessments_after_the_day_are_left_out(request, signed, days, number):
    """The session was two days ago."""
    bundle = make_bundle(*asking(request), on=days_ago(days))
    work()

    assert bundle.files.filter(assessment=signed).count() == number


@pytest.mark.parametrize(("asked", "kinds"), [({"has_profiles": False}, [False]), ({"has_assessments": False}, [True])])
@pytest.mark.usefixtures("signed")
def test_only_the_kinds_asked_for_go_in(request, asked, kinds):
    bundle = make_bundle(*asking(request), **asked)

    work()

    assert [file.is_profile for file in bundle.files.all()] == kinds


def test_programme_limits_who_goes_in(lead, northfield, revision, therapist, other_therapist):
    bundle = make_bundle(lead, northfield, revision, programme="Year 1")

    work()

    assert [file.therapist for file in bundle.files.all()] == [therapist]


def test_who_has_left_is_not_in(bundle, other_therapist):
    factories.end_membership(other_therapist)

    work()

    assert other_therapist not in {file.therapist for file in bundle.files.all()}


def test_other_organisation_is_not_in(bundle, outside_therapist):
    work()

    assert bundle.files.filter(therapist=outside_therapist).count() == 0


def test_nothing_to_put_in_is_said(lead, northfield, revision, shared):
    bundle = make_bundle(lead, northfield, revision, has_profiles=False)

    work()

    assert (now(bundle).status, now(bundle).reason) == ("failed", bundle_work.NOTHING)


# The file


def test_file_is_the_same_each_time_and_as_large_as_was_said(bundle, signed):
    work()
    done = now(bundle)

    times = [b"".join(exporter.pieces(done, reads.bundle_files(done), reads.bundle_content)) for _ in range(2)]

    assert times[0] == times[1]
    assert (hashlib.sha256(times[0]).hexdigest(), len(times[0])) == (done.sha256, done.size)


@pytest.mark.usefixtures("signed")
def test_file_can_be_read_by_the_usual_programs(bundle):
    work()

    with unzipped(now(bundle)) as packed:
        assert packed.testzip() is None
        assert {entry.flag_bits & 0x08 for entry in packed.infolist()} == {0}  # sizes stand before what they measure
        [at] = {datetime.datetime(*entry.date_time) for entry in packed.infolist()}
    # Its times go in steps of two seconds.
    asked_at = timezone.localtime(bundle.asked_at).replace(tzinfo=None, microsecond=0)
    assert asked_at - at <= datetime.timedelta(seconds=1)


def test_index_tells_each_file_and_holds_no_formula(bundle, therapist, signed):
    User.objects.filter(pk=therapist.pk).update(name="=Amara/..")
    work()

    with unzipped(now(bundle)) as packed:
        rows = list(csv.reader(io.StringIO(packed.read("index.csv").decode("utf-8-sig"))))
        contents = {name: hashlib.sha256(packed.read(name)).hexdigest() for name in packed.namelist()[1:]}
    mine = f"=Amara- ({str(therapist.pk)[-8:]})"
    day = signed.session_on.isoformat()
    assert rows[0] == ["File", "Therapist", "Date", "Kind", "SHA-256"]
    name = f"{mine}/assessment-{day}-{str(signed.pk)[-8:]}.pdf"
    assert rows[1] == [f"'{name}", "'=Amara/..", day, "Assessment report", contents[name]]
    assert [row[3] for row in rows[1:]] == ["Assessment report", "Profile report", "Profile report"]


def test_file_is_handed_on_piece_by_piece(bundle, signed):
    work()
    done = now(bundle)
    asked = []

    pieces = exporter.pieces(done, reads.bundle_files(done), lambda file: asked.append(file) or b"%PDF")

    next(pieces)
    assert asked == []
    next(pieces)
    assert len(asked) == 1


def test_name_that_no_system_allows_is_a_therapist(bundle, therapist):
    User.objects.filter(pk=therapist.pk).update(name="...")

    work()

    assert bundle.files.get(therapist=therapist).name.startswith(f"Therapist ({str(therapist.pk)[-8:]})/")


# Asking


@pytest.mark.parametrize("name", ["supervisor", "admin", "outside_lead"])
def test_only_a_lead_of_the_organisation_asks(request, northfield, revision, therapist, name):
    with pytest.raises(NotAllowed, match=r"^You do not lead Northfield at present\.$"):
        make_bundle(request.getfixturevalue(name), northfield, revision)


def test_second_one_waits_for_the_first(lead, northfield, revision, bundle):
    with pytest.raises(Refused, match="are being made"):
        make_bundle(lead, northfield, revision)

    assert ReportBundle.objects.count() == 1


def test_nobody_in_training_is_said(lead, northfield, revision):
    with pytest.raises(Refused, match="Nobody is in training there"):
        make_bundle(lead, northfield, revision)


@pytest.mark.usefixtures("therapist", "other_therapist")
def test_too_many_therapists_are_too_many(request, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_THERAPISTS", 1)

    with pytest.raises(Refused, match=r"^There are 2 therapists\. One file holds the reports of 1 at most"):
        make_bundle(*asking(request))


# The work


def test_work_waits_for_nobody_where_there_is_none(db):
    assert (bundle_work.step(), bundle_work.empty()) == (False, False)


def test_work_is_one_file_at_a_time(bundle):
    found = []
    while bundle_work.step():
        found.append(counts(bundle))

    assert found == [("running", 0, 2), ("running", 1, 2), ("running", 2, 2), ("done", 2, 2)]


def test_first_asked_comes_first(bundle, southbank, outside_lead, outside_therapist, revision):
    later = make_bundle(outside_lead, southbank, revision)

    work(1)

    assert (now(bundle).status, now(later).status) == ("running", "waiting")


def test_worker_that_was_killed_leaves_it_to_the_next_one(bundle):
    work(2)
    killed = bundle_work._leased()  # and nothing more came of it

    before = work()
    lapse(killed)
    after = work()

    assert (before, after, counts(bundle)) == (0, 2, ("done", 2, 2))


def test_who_was_overtaken_keeps_nothing(bundle, pages, monkeypatch):
    work(1)
    made, real = [], pdf.set_pages

    def slowly(html, **kwargs):
        if not made:
            made.append(html)
            lapse(bundle)
            work(1)  # another worker makes the same file meanwhile
        return real(html, **kwargs) + b"late"

    monkeypatch.setattr(pdf, "set_pages", slowly)

    work(1)

    first = bundle.files.first()
    assert (counts(bundle), bytes(first.content).count(b"late")) == (("running", 1, 2), 1)
    assert first.sha256 == hashlib.sha256(first.content).hexdigest()


def test_cancelled_work_ends_before_the_next_file(bundle, lead, monkeypatch):
    work(1)
    real = pdf.set_pages

    def meanwhile(html, **kwargs):
        bundles.cancel(by=lead, bundle=bundle)
        return real(html, **kwargs)

    monkeypatch.setattr(pdf, "set_pages", meanwhile)

    assert (work(), counts(bundle)) == (1, ("cancelled", 0, 2))
    assert bundle.files.exclude(sha256="").count() == 0


def test_work_that_ended_meanwhile_is_not_called_failed(bundle, lead):
    leased = bundle_work._leased()
    bundles.cancel(by=lead, bundle=bundle)

    bundle_work._fail(leased, "Too late.")

    assert (now(bundle).status, now(bundle).reason) == ("cancelled", "")


def test_file_that_cannot_be_made_is_tried_again_in_a_while(bundle, busy):
    work(1)

    assert (work(), now(bundle).attempts) == (1, 1)
    lapse(bundle)
    assert (work(), now(bundle).attempts) == (1, 2)


def test_file_that_can_never_be_made_stops_the_work(bundle, busy):
    for _ in range(bundle_work.MOST_ATTEMPTS + 1):
        work()
        if now(bundle).leased_until:
            lapse(bundle)

    stopped = now(bundle)
    assert (stopped.status, stopped.reason, stopped.total) == ("failed", pdf.BUSY, 2)
    assert factories.event_types(type="bundle_ended") == ["bundle_ended"]


def test_work_that_kills_its_worker_is_given_up(bundle):
    for _ in range(bundle_work.MOST_ATTEMPTS):
        bundle_work._leased()
        lapse(bundle)

    work()

    assert (now(bundle).status, now(bundle).reason) == ("failed", bundle_work.GAVE_UP)


def test_lead_who_lost_the_role_gets_nothing_made(bundle, lead):
    work(2)
    factories.end_membership(lead)

    work()

    assert (now(bundle).status, now(bundle).reason) == ("failed", "You do not lead Northfield at present.")
    assert now(bundle).finished == 1


def test_another_worker_is_left_alone(bundle):
    until = timezone.now() + bundle_work.LEASE

    with connection.execute_wrapper(rival(bundle, status="running", leased_until=until)):
        assert bundle_work.step() is False

    assert (now(bundle).leased_until, now(bundle).attempts) == (until, 0)


def test_event_tells_that_it_is_ready(bundle):
    work()

    done = now(bundle)
    [event] = bundle.organisation.events.filter(type="bundle_ended")
    assert (event.by, event.data) == (None, {"bundle": str(bundle.pk), "files": 2, "sha256": done.sha256})
    assert done.expires_at - done.ended_at == datetime.timedelta(days=7)


# Cancelling, trying again


def test_cancelled_one_is_emptied_at_once(bundle, lead):
    work(2)
    bundles.cancel(by=lead, bundle=bundle)

    assert (bundle_work.empty(), bundle_work.empty()) == (True, False)
    assert bundle.files.filter(content__isnull=False).count() == 0


def test_only_what_is_open_is_cancelled(lead, northfield, revision, therapist):
    ready = make_ready_bundle(lead, northfield, revision, therapist)

    with pytest.raises(NotAllowed, match="The work on it has ended"):
        bundles.cancel(by=lead, bundle=ready)


def test_nobody_cancels_another_one_s(bundle, outside_lead):
    with pytest.raises(ReportBundle.DoesNotExist):
        bundles.cancel(by=outside_lead, bundle=bundle)


def test_trying_again_goes_on_with_what_is_missing(bundle, lead, pages):
    work(2)
    bundles.end(now(bundle), "failed", reason="A report could not be made.")
    first = bundle.files.get(content__isnull=False)

    bundles.try_again(by=lead, bundle=bundle)
    work()

    assert counts(bundle) == ("done", 2, 2)
    assert bundle.files.get(pk=first.pk).sha256 == first.sha256


def test_only_what_stopped_is_tried_again(bundle, lead):
    with pytest.raises(NotAllowed, match="The work on it did not stop"):
        bundles.try_again(by=lead, bundle=bundle)


def test_what_stopped_long_ago_is_not_tried_again(lead, northfield, revision, therapist):
    stopped = factories.make_stopped_bundle(lead, northfield, revision)
    expire(stopped)

    with pytest.raises(NotAllowed, match="Ask for them again"):
        bundles.try_again(by=lead, bundle=stopped)


def test_trying_again_waits_for_another_one(lead, northfield, revision, therapist):
    stopped = factories.make_stopped_bundle(lead, northfield, revision)
    make_bundle(lead, northfield, revision)

    with pytest.raises(Refused, match="Other reports"):
        bundles.try_again(by=lead, bundle=stopped)


# Taking it away


def expire(bundle):
    """Guards keep the time of what is ready, so the clock is not turned back but the row."""
    ReportBundle.objects.filter(pk=bundle.pk).update(
        ended_at=timezone.now() - bundles.KEPT_FOR, expires_at=timezone.now()
    )


@pytest.fixture
def ready(lead, bundle, signed):
    work()
    return now(bundle)


def test_everybody_sees_who_took_their_report(ready, lead, therapist, other_therapist, signed):
    for _ in range(2):
        bundles.take(by=lead, bundle=ready)

    found = RecordAccess.objects.order_by("therapist__name", "opened").values_list(
        "therapist", "by", "opened", "assessment"
    )
    assert list(found) == [
        (therapist.pk, lead.pk, "profile", None),
        (therapist.pk, lead.pk, "report", signed.pk),
        (other_therapist.pk, lead.pk, "profile", None),
    ]
    assert factories.event_types(by=lead, type="bundle_downloaded") == ["bundle_downloaded"] * 2


def test_one_s_own_report_is_no_access(lead, northfield, revision, therapist):
    Membership.objects.create(user=lead, organisation=northfield, role=Role.THERAPIST, starts_on=factories.LONG_AGO)
    bundle = make_bundle(lead, northfield, revision)
    work()

    bundles.take(by=lead, bundle=bundle)

    assert list(RecordAccess.objects.values_list("therapist", flat=True)) == [therapist.pk]


def test_what_is_not_ready_is_not_taken(bundle, lead):
    with pytest.raises(NotAllowed, match="It is not ready"):
        bundles.take(by=lead, bundle=bundle)


def test_lead_who_lost_the_role_takes_nothing(ready, lead):
    factories.end_membership(lead)

    with pytest.raises(NotAllowed, match="You do not lead Northfield at present"):
        bundles.take(by=User.objects.get(pk=lead.pk), bundle=ready)

    assert RecordAccess.objects.count() == 0


def test_report_that_may_not_be_read_is_not_taken(bundle, lead, draft):
    work(1)
    BundleFile.objects.create(
        bundle=bundle, therapist=draft.therapist, assessment=draft, name="draft.pdf", stands_on=draft.session_on
    )

    with pytest.raises(NotAllowed, match="any more"):
        permissions.check_can_take_bundle(lead, bundle)


def test_therapist_who_is_no_longer_known_is_not_taken(ready, lead, other_therapist):
    Membership.objects.filter(user=other_therapist).delete()

    with pytest.raises(NotAllowed, match="any more"):
        bundles.take(by=lead, bundle=ready)


# What is gone


def test_expired_one_is_emptied_and_stays_as_history(lead, northfield, revision, therapist):
    stopped = factories.make_stopped_bundle(lead, northfield, revision)
    expire(stopped)

    assert (bundle_work.empty(), bundle_work.empty()) == (True, False)
    assert now(stopped).emptied_at >= now(stopped).expires_at


def test_what_was_removed_meanwhile_is_not_sent(ready):
    file = ready.files.get(therapist__name="Daniel Reyes")
    BundleFile.objects.filter(pk=file.pk).update(content=None)

    with pytest.raises(BundleFile.DoesNotExist):
        reads.bundle_content(file)


def test_emptying_is_left_to_whoever_is_at_it(lead, northfield, revision, therapist):
    stopped = factories.make_stopped_bundle(lead, northfield, revision)
    expire(stopped)

    with connection.execute_wrapper(rival(stopped, emptied_at=timezone.now())):
        assert bundle_work.empty() is False

    assert factories.event_types(type="bundle_emptied") == []


def test_bundle_and_file_tell_what_they_are(lead, northfield, revision, therapist):
    ready = make_ready_bundle(lead, northfield, revision, therapist)
    [file] = ready.files.all()

    assert (str(ready), str(file)) == (f"Reports asked for at {ready.asked_at:%Y-%m-%d %H:%M}", file.name)
