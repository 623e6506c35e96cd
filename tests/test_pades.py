"""The digital signature in a report's file, as pyHanko and poppler read it, and what it leaves as it was."""

import datetime
import io
import re
import subprocess
import sys
from types import SimpleNamespace

import pikepdf
import pytest
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from assessments.exceptions import RenderingFailed
from assessments.reports import certificate, pades
from tests import certificates
from tests.test_report_pdf import render

# What holds for a report without the signature holds with it: collected here again, for the fixtures below.
from tests.test_report_validity import (  # noqa: F401
    test_attached_record_bears_the_hash_that_the_pages_print,
    test_attachment_is_dated_as_the_report,
    test_attachment_says_what_it_is,
    test_bookmarks_are_the_headings,
    test_every_cell_names_headers_that_exist,
    test_every_figure_has_an_alternative,
    test_every_font_is_embedded,
    test_every_page_is_read_in_the_order_of_its_tags,
    test_every_row_of_a_table_has_only_cells_and_every_table_a_header,
    test_file_claims_pdf_ua_and_shows_its_title,
    test_headings_begin_with_one_and_skip_no_level,
    test_poppler_reads_the_whole_structure,
    test_qpdf_finds_no_error,
    test_reading_order_is_that_of_the_pages,
    test_record_is_attached_as_it_is_hashed,
    whole,
)

AT = datetime.datetime.now(datetime.UTC).replace(microsecond=0) - datetime.timedelta(hours=3)


@pytest.fixture(scope="module")
def plain():
    return render(whole())


@pytest.fixture(scope="module")
def installed():
    """A certificate and the file that holds it, outside any settings."""
    secret, made = certificates.make()
    return SimpleNamespace(made=made, content=certificates.archive(secret, made))


def opened_by_us(content, password=certificates.PASSWORD):
    return certificate._opened(content, password.encode())


@pytest.fixture(scope="module")
def signed(plain, installed):
    return sign(plain, installed)


@pytest.fixture
def opened(signed):
    with pikepdf.open(io.BytesIO(signed)) as report:
        yield report


@pytest.fixture
def on_disk(signed, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(signed)
    return path


def sign(content, installed, *, signed_at=AT):
    return pades.sign(content, opened_by_us(installed.content), signed_at=signed_at, place="Northfield")


def judged(content, made):
    """What pyHanko says of the only signature, with the certificate itself as what is trusted."""
    trusted = Certificate.load(made.public_bytes(Encoding.DER))
    [embedded] = PdfFileReader(io.BytesIO(content)).embedded_signatures
    return validate_pdf_signature(embedded, ValidationContext(trust_roots=[trusted], allow_fetching=False))


def told_by_poppler(content, tmp_path):
    path = tmp_path / "told.pdf"
    path.write_bytes(content)
    told = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout
    return [line.strip(" -") for line in told.splitlines()]


# valid


def test_pyhanko_finds_it_valid_and_over_the_whole_file(signed, installed):
    status = judged(signed, installed.made)

    assert (status.intact, status.valid, status.trusted, status.docmdp_ok) == (True, True, True, True)
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert status.bottom_line


def test_poppler_finds_it_valid_and_over_the_whole_file(signed, tmp_path):
    told = told_by_poppler(signed, tmp_path)

    assert "Signature Validation: Signature is Valid." in told
    assert "Total document signed" in told
    assert "Signature Type: ETSI.CAdES.detached" in told
    assert f"Signer Certificate Common Name: {certificates.NAME}" in told


def test_elliptic_key_signs_as_well(plain):
    secret, made = certificates.make(key="ec")

    content = sign(plain, SimpleNamespace(content=certificates.archive(secret, made)))

    assert judged(content, made).bottom_line


def test_one_changed_byte_makes_it_invalid(plain, signed, installed, tmp_path):
    changed = bytearray(signed)
    changed[plain.index(b"stream") + 100] ^= 1  # of what is drawn on a page

    assert judged(bytes(changed), installed.made).intact is False
    assert "Signature Validation: Digest Mismatch." in told_by_poppler(bytes(changed), tmp_path)


def test_what_is_added_later_is_not_covered(signed, installed, tmp_path):
    added = pades.Update(io.BytesIO(signed))
    added.root["/Lang"] = pades.generic.pdf_string("fr")
    added.update_root()
    file = io.BytesIO()
    added.write(file)

    status = judged(file.getvalue(), installed.made)

    assert (status.intact, status.docmdp_ok, status.bottom_line) == (True, False, False)
    assert "Total document signed" not in told_by_poppler(file.getvalue(), tmp_path)


# what it says


def test_it_tells_who_when_where_and_why(opened):
    [field] = opened.Root.AcroForm.Fields

    assert (str(field.V.Name), str(field.V.Location), str(field.V.Reason)) == (
        certificates.NAME,
        "Northfield",
        "Issued as the report of an assessment that was signed off",
    )
    assert str(field.V.M) == f"D:{AT:%Y%m%d%H%M%S}Z"
    assert str(field.V.SubFilter) == "/ETSI.CAdES.detached"


def test_it_is_the_baseline_that_dates_in_the_file_alone(signed):
    [embedded] = PdfFileReader(io.BytesIO(signed)).embedded_signatures

    attributes = {attribute["type"].native for attribute in embedded.signer_info["signed_attrs"]}

    assert attributes >= {"content_type", "message_digest", "signing_certificate_v2"}
    assert "signing_time" not in attributes


def test_it_forbids_every_change(signed):
    [embedded] = PdfFileReader(io.BytesIO(signed)).embedded_signatures

    assert embedded.docmdp_level == MDPPerm.NO_CHANGES


def test_certificate_never_signs_before_it_began(plain, installed):
    before = AT - datetime.timedelta(days=30)

    with pikepdf.open(io.BytesIO(sign(plain, installed, signed_at=before))) as report:
        [field] = report.Root.AcroForm.Fields
        assert str(field.V.M) == f"D:{installed.made.not_valid_before_utc:%Y%m%d%H%M%S}Z"


# what it leaves as it was


def test_same_file_is_signed_with_the_same_bytes(plain, signed, installed):
    assert sign(plain, installed) == signed


def test_it_is_added_behind_the_file(plain, signed):
    assert signed.startswith(plain)


def test_field_is_named_and_lies_outside_the_page(opened):
    [field] = opened.Root.AcroForm.Fields

    assert str(field.TU) == "Digital signature of the service that issued this report"
    left, bottom, right, top = map(int, field.Rect)
    assert (right - left, top - bottom) == (0, 0)
    assert (right, top) < (0, 0)
    assert [annotation.objgen for annotation in opened.pages[0].Annots] == [field.objgen]


def test_title_dates_and_metadata_stay(plain, opened):
    with pikepdf.open(io.BytesIO(plain)) as before:
        assert dict(opened.docinfo) == dict(before.docinfo)
        assert opened.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert bytes(opened.trailer.ID[0]) == bytes(before.trailer.ID[0])
        assert bytes(opened.trailer.ID[1]) != bytes(before.trailer.ID[1])


def test_nothing_is_drawn(plain, signed):
    def drawn(content):
        command = ["pdftoppm", "-r", "30", "-png", "-f", "1", "-l", "1", "-"]
        return subprocess.run(command, input=content, capture_output=True, check=True).stdout

    assert drawn(signed) == drawn(plain)


# what cannot be signed


def test_file_that_is_no_pdf_is_refused_in_words(installed):
    with pytest.raises(RenderingFailed, match=re.escape(pades.FAILED)):
        sign(b"no file", installed)


def test_whole_subject_is_named_where_it_names_nobody():
    secret, made = certificates.make(names=[(NameOID.ORGANIZATION_NAME, "Northfield")])

    assert opened_by_us(certificates.archive(secret, made)).name == "O=Northfield"


def test_library_is_not_loaded_with_the_product():
    program = (
        "import sys, django; django.setup(); import assessments.urls;"
        "print([name for name in ['pyhanko', 'aiohttp', 'cryptography'] if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
