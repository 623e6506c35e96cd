"""The page that anybody asks whether a report is genuine."""

import hashlib
import io
import re
import tempfile
import zlib

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from assessments import guards, queries, records
from assessments.actions import reports
from assessments.forms.proof import MAX_BYTES
from assessments.models import AuditEvent, RecordAccess, Report
from assessments.reports import attached, pdf
from assessments.views import proof
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

UNKNOWN = "This file is not a report issued here, or it was changed afterwards"
CHANGED = "The record in this file is genuine, but the file was changed"
NAMES = ["Amara", "Okafor", "Marsh", "Northfield"]


def pdf_with(document, more=b""):
    """As a report carries its record: one compressed stream among others."""
    packed = zlib.compress(records.canonical(document).encode() if isinstance(document, dict) else document)
    other = b"1 0 obj <<>> stream\nnot compressed\nendstream endobj\n"
    return b"%PDF-1.7\n" + other + b"2 0 obj <<>> stream\r\n" + packed + b"\nendstream endobj\n" + more


@pytest.fixture
def issued(signed, supervisor):
    """Issued without setting type: what counts here are the bytes and their hash."""
    content = pdf_with(signed.signed_record.content.encode())
    return Report.objects.create(
        record=signed.signed_record,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        issued_at=signed.signed_off_at,
        issued_by=supervisor,
    )


@pytest.fixture
def nobody_prints(tmp_path, monkeypatch):
    """Places to set pages in that no other process of this machine takes."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def check(client=None, **sent):
    client = client or Client()
    if "file" in sent:
        sent["file"] = SimpleUploadedFile("report.pdf", sent["file"])
    return client.post("/verify/", sent)


def heading(response):
    return response.context["answer"].heading


def facts(response):
    return dict(response.context["answer"].facts)


def test_page_asks_nobody_to_sign_in(client):
    response = client.get("/verify/")

    assert (response.status_code, response.context["answer"]) == (200, None)
    assert 'enctype="multipart/form-data"' in response.content.decode()


def test_page_is_linked_from_every_foot(client):
    assert 'href="/verify/">Check a report</a>' in client.get("/help/").content.decode()


# a file


def test_issued_report_is_genuine_and_tells_of_whom(signed, supervisor):
    content = bytes(reports.issue(by=supervisor, assessment=signed).content)

    response = check(file=content)

    assert (response.status_code, heading(response)) == (200, "This report is genuine")
    told = facts(response)
    assert [told[term] for term in ["Therapist", "Supervisor", "Organisation", "Framework"]] == [
        "Amara Okafor",
        "Dr Helen Marsh",
        "Northfield",
        f"{signed.revision.title}, revision 1.0",
    ]
    assert told["State"].startswith("Signed off on ")
    assert told["Signed record"] == "Number 1 of Northfield"
    assert told["Its hash"].replace(" ", "") == f"SHA-256{signed.signed_record.sha256}"
    assert re.fullmatch(
        r"Supervisor: Dr Helen Marsh, Signed .+\. Therapist: Amara Okafor, Signed .+", told["Signatures"]
    )


def test_report_issued_before_records_were_attached_is_genuine(signed, supervisor):
    old = Report.objects.create(
        record=signed.signed_record,
        sha256=hashlib.sha256(b"%PDF old").hexdigest(),
        content=b"%PDF old",
        issued_at=signed.signed_off_at,
        issued_by=supervisor,
    )

    assert heading(check(file=bytes(old.content))) == "This report is genuine"


def test_record_itself_is_genuine(signed):
    response = check(file=signed.signed_record.content.encode())

    assert heading(response) == "This record is genuine"
    assert facts(response)["Therapist"] == "Amara Okafor"


def test_names_are_those_of_the_day_of_signing(signed, therapist):
    therapist.name = "Amara Bell"
    therapist.save()

    assert facts(check(file=signed.signed_record.content.encode()))["Therapist"] == "Amara Okafor"


def test_report_with_something_added_is_a_changed_file_of_a_known_record(issued):
    response = check(file=bytes(issued.content) + b"\n")

    assert heading(response) == CHANGED
    assert facts(response)["Therapist"] == "Amara Okafor"
    assert "ask for the file as it was issued" in words(response)


def test_report_saved_again_by_another_program_still_shows_its_record(signed, supervisor):
    content = bytes(reports.issue(by=supervisor, assessment=signed).content)
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as report:
        report.docinfo["/Title"] = "Another title"
        report.save(saved)

    assert heading(check(file=saved.getvalue())) == CHANGED


def test_report_that_was_never_kept_is_made_again_and_compared(signed, nobody_prints):
    """Where issuing failed at sign-off, a download makes the report each time."""
    response = check(file=reports.rendered(signed.signed_record))

    assert heading(response) == "This report is genuine"
    assert "byte for byte what is printed here from the signed record" in words(response)


def test_short_report_that_was_never_kept_is_made_again_beside_the_full_one(issued, signed, nobody_prints):
    response = check(file=reports.rendered(signed.signed_record, kind="short"))

    assert heading(response) == "This report is genuine"


def test_both_kinds_that_were_issued_are_genuine(signed, supervisor):
    files = [bytes(reports.issue(by=supervisor, assessment=signed, kind=kind).content) for kind in ["full", "short"]]

    assert [heading(check(file=content)) for content in files] == ["This report is genuine"] * 2


def test_other_file_of_a_report_that_was_never_kept_shows_its_record(signed, nobody_prints):
    response = check(file=pdf_with(signed.signed_record.content.encode()))

    assert heading(response) == "The record in this file is genuine, its pages are not known"
    assert facts(response)["Therapist"] == "Amara Okafor"


def test_record_is_vouched_for_while_no_report_can_be_made(signed, nobody_prints, monkeypatch):
    monkeypatch.setattr(proof, "PATIENCE", 0.1)

    with pdf._slot(0), pdf._slot(0):
        response = check(file=pdf_with(signed.signed_record.content.encode()))

    assert heading(response) == "The record in this file is genuine"
    assert facts(response)["Therapist"] == "Amara Okafor"


def test_one_changed_letter_in_the_record_is_not_genuine(signed):
    content = signed.signed_record.content.replace("Named two", "Named all", 1)
    assert content != signed.signed_record.content

    response = check(file=pdf_with(content.encode()))

    assert (heading(response), facts(response)) == (UNKNOWN, {})
    assert [name for name in NAMES if name in words(response)] == []


def test_print_of_an_unsigned_assessment_says_so(shared):
    response = check(file=pdf_with(records.build(shared)))

    assert heading(response) == "This is not a report of a signed assessment"
    assert [name for name in NAMES if name in words(response)] == []


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7 nothing",
        b'{"assessment":{',
        b'{"assessment":{}}',
        b'{"assessment":{"a":' + b"[" * 100_000,
        b"\0" * 5_000,
        pdf_with(b'{"assessment":{"a":' + b"[" * 100_000),
        pdf_with(b'{"assessment":{}}')[:-40],
    ],
    ids=["pdf", "begun", "other JSON", "deep", "zeros", "deep in a stream", "cut"],
)
def test_any_other_file_is_not_known(content):
    assert heading(check(file=content)) == UNKNOWN


def test_what_to_do_is_said_where_a_file_is_not_known():
    assert "Ask the therapist or the organisation for the file itself." in words(check(file=b"x"))


def test_only_a_few_records_of_a_file_are_unpacked():
    bomb = pdf_with(attached.BEGINNING + b" " * (attached.LARGEST + 10))

    found = attached.documents(bomb * 9)

    assert [len(each) for each in found] == [attached.LARGEST] * 3


# a checksum


def test_checksum_of_a_report_tells_kind_and_day_only(issued):
    response = check(checksum=issued.sha256)

    assert (response.status_code, heading(response), facts(response)) == (200, "This checksum is genuine", {})
    assert "the file of a report issued here" in words(response)
    assert [name for name in NAMES if name in words(response)] == []


def test_checksum_of_a_record_is_read_with_spaces_and_capitals(signed):
    digits = signed.signed_record.sha256.upper()
    typed = " ".join(digits[at : at + 4] for at in range(0, 64, 4))

    response = check(checksum=f"SHA-256 {typed}.")

    assert heading(response) == "This checksum is genuine"
    assert "the record of an assessment signed here" in words(response)


def test_checksum_as_the_foot_of_a_page_prints_it(signed):
    digits = signed.signed_record.sha256

    assert heading(check(checksum=f"{digits[:4]} {digits[4:16]} … {digits[-8:]}.")) == "This checksum is genuine"


@pytest.mark.parametrize("typed", ["0" * 64, "0" * 24])
def test_unknown_checksum_is_not_genuine(signed, typed):
    response = check(checksum=typed)

    assert heading(response) == "This checksum belongs to nothing signed or issued here"
    assert "What to do now" in words(response)


def test_beginning_of_a_checksum_is_not_enough(signed):
    digits = signed.signed_record.sha256

    assert heading(check(checksum=digits[:16] + "0" * 8)) == "This checksum belongs to nothing signed or issued here"


def test_checksum_of_a_draft_is_not_known(draft):
    assert heading(check(checksum=records.sha256(records.canonical(records.build(draft))))).startswith(
        "This checksum bel"
    )


def test_record_changed_in_the_database_is_vouched_for_no_more(issued):
    guards.remove()
    type(issued.record).objects.filter(pk=issued.record_id).update(content="{}")

    answers = [heading(check(file=bytes(issued.content))), heading(check(checksum=issued.record.sha256))]

    assert answers == [UNKNOWN, "This checksum belongs to nothing signed or issued here"]
    with transaction.atomic():
        guards.install()


# the form


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a file, or type a checksum: one of the two."),
        ({"file": b"x", "checksum": "0" * 64}, "Choose a file, or type a checksum: one of the two."),
        ({"checksum": "abc"}, "This is not a whole checksum."),
        ({"checksum": "\0" * 64}, "Null characters are not allowed."),
        ({"file": b""}, "The submitted file is empty."),
    ],
)
def test_form_says_what_is_wrong(sent, said):
    response = check(**sent)

    assert (response.status_code, response.context["answer"]) == (422, None)
    assert said in words(response)
    assert "There is a problem" in words(response)


def test_file_larger_than_any_report_is_refused():
    response = check(file=b"x" * (MAX_BYTES + 1))

    assert response.status_code == 422
    assert "This file is larger than 20 MB. No report is as large as that." in words(response)


def test_tries_of_one_address_are_limited(signed):
    statuses = [check(checksum="0" * 64).status_code for _ in range(31)]
    response = check(checksum=signed.signed_record.sha256)

    assert statuses == [200] * 30 + [429]
    assert response.context["form"].non_field_errors() == [
        "Too many tries from your network. Wait five minutes, then try again."
    ]
    assert response.context["answer"] is None


def test_limit_says_nothing_of_what_was_sent(signed):
    for _ in range(30):
        check(checksum="abc")

    assert "whole checksum" not in words(check(checksum="abc"))


def test_checking_stores_nothing(issued, supervisor):
    before = AuditEvent.objects.count(), RecordAccess.objects.count()

    check(signed_in(supervisor), file=bytes(issued.content))

    assert (AuditEvent.objects.count(), RecordAccess.objects.count()) == before


def test_form_is_protected_against_other_sites():
    assert Client(enforce_csrf_checks=True).post("/verify/", {"checksum": "0" * 64}).status_code == 403


def test_looking_up_needs_the_same_queries_however_many_there_are(
    signed, supervisor, therapist, revision, django_assert_num_queries
):
    hashes = [signed.signed_record.sha256]
    for _ in range(2):
        hashes.append(factories.make_signed(supervisor, therapist, revision).signed_record.sha256)

    for each in [hashes[0], hashes[-1]]:
        with django_assert_num_queries(2):
            assert queries.genuine(each)
    for few in [hashes[:1], hashes]:
        with django_assert_num_queries(1):
            assert queries.genuine_record(few)
