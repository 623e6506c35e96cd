"""Where the service has a certificate: what is issued is signed, and one that cannot sign is found and told."""

import datetime
import hashlib

import pikepdf
import pytest
import time_machine
from django.core.checks import Warning as Warned
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments import checks, verification
from assessments.actions import assessments, reports
from assessments.exceptions import RenderingFailed
from assessments.models import Report
from assessments.reports import certificate
from tests import certificates, factories
from tests.conftest import signed_in, words

ASK = " Until that is mended no report can be issued; tell the administrator."
EXPIRED = "The certificate of this service expired on 31 March 2020." + ASK


@pytest.fixture
def installed(tmp_path, settings):
    return certificates.install(tmp_path, settings)


@pytest.fixture
def expired(tmp_path, settings):
    begun = datetime.datetime(2020, 3, 1, tzinfo=datetime.UTC)
    return certificates.install(tmp_path, settings, begins_at=begun, lasts=datetime.timedelta(days=30))


def reason():
    with pytest.raises(RenderingFailed) as failure:
        certificate.current()
    return str(failure.value)


def is_signed(content):
    return b"/ETSI.CAdES.detached" in content


# issued reports


@pytest.mark.django_db
def test_issued_report_is_kept_with_its_signature(installed, signed, supervisor):
    report = reports.issue(by=supervisor, assessment=signed)

    content = bytes(Report.objects.get().content)
    assert is_signed(content)
    assert hashlib.sha256(content).hexdigest() == report.sha256
    assert list(verification.mismatches()) == []


@pytest.mark.django_db
def test_signature_bears_the_instant_of_the_record(installed, signed, supervisor, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(reports.issue(by=supervisor, assessment=signed).content)

    with pikepdf.open(path) as report:
        [field] = report.Root.AcroForm.Fields
        assert str(field.V.M) == f"D:{signed.signed_record.created_at:%Y%m%d%H%M%S}Z"
        assert str(field.V.Location) == signed.organisation.name


@pytest.mark.django_db
def test_verify_page_knows_a_file_with_a_signature(installed, signed, supervisor):
    content = bytes(reports.issue(by=supervisor, assessment=signed).content)

    response = Client().post(reverse("verify"), {"file": SimpleUploadedFile("report.pdf", content)})

    assert "This report is genuine" in words(response)
    assert "as it was issued here, byte for byte" in words(response)


@pytest.mark.django_db
def test_verify_page_makes_a_file_again_with_its_signature(installed, signed):
    content = reports.rendered(signed.signed_record)

    response = Client().post(reverse("verify"), {"file": SimpleUploadedFile("report.pdf", content)})

    assert is_signed(content)
    assert "This report is genuine" in words(response)


@pytest.mark.django_db
def test_report_of_what_is_not_signed_off_bears_no_signature(installed, shared, supervisor):
    response = signed_in(supervisor).get(reverse("assessment-report", args=[shared.pk]))

    assert response.content.startswith(b"%PDF")
    assert not is_signed(response.content)


@pytest.mark.django_db
def test_report_bears_no_signature_without_a_certificate(signed, supervisor):
    assert not is_signed(bytes(reports.issue(by=supervisor, assessment=signed).content))


@pytest.mark.django_db
def test_download_says_what_is_wrong_with_the_certificate(expired, signed, supervisor, caplog):
    response = signed_in(supervisor).get(reverse("assessment-report", args=[signed.pk]))

    assert response.status_code == 503
    assert EXPIRED in words(response)
    assert "expired on 31 March 2020" in caplog.text


@pytest.mark.django_db
def test_second_signature_stands_though_no_report_can_be_issued(expired, shared, supervisor, therapist):
    assessments.sign_off(by=therapist, assessment=shared)

    url = reverse("assessment-sign-off", args=[shared.pk])
    response = signed_in(supervisor).post(url, {"password": factories.PASSWORD}, follow=True)

    assert "Signed off by both. The record is frozen." in words(response)
    assert list(verification.mismatches()) == []
    assert not Report.objects.exists()


# a certificate that cannot sign


def test_nothing_is_configured(settings):
    assert certificate.current() is None


def test_certificate_tells_who_and_how_long(installed):
    found = certificate.current()

    assert (found.name, found.begins_at, found.ends_at) == (
        certificates.NAME,
        installed.not_valid_before_utc,
        installed.not_valid_after_utc,
    )


def test_certificate_without_password_is_opened(tmp_path, settings):
    certificates.install(tmp_path, settings, password="", key="ec")

    assert certificate.current().password is None


def test_file_that_is_not_there(tmp_path, settings):
    settings.REPORT_CERTIFICATE = tmp_path / "none.p12"

    assert reason() == "The certificate of this service cannot be read (No such file or directory)." + ASK


def test_password_that_is_not_there(installed, settings):
    settings.REPORT_CERTIFICATE_PASSWORD_FILE.unlink()

    assert reason() == (
        "The password of the certificate of this service cannot be read (No such file or directory)." + ASK
    )


@pytest.mark.parametrize("password", ["another", "", "\xff"])
def test_wrong_password(installed, settings, password):
    settings.REPORT_CERTIFICATE_PASSWORD_FILE.write_bytes(password.encode("latin-1"))

    assert reason() == certificate.REFUSED + " " + certificate.ASK


def test_file_that_is_no_certificate(installed, settings):
    settings.REPORT_CERTIFICATE.write_text("-----BEGIN CERTIFICATE-----")

    assert reason() == certificate.REFUSED + " " + certificate.ASK


def test_key_that_cannot_sign(tmp_path, settings):
    certificates.install(tmp_path, settings, key="dsa")

    assert reason() == certificate.INCOMPLETE + " " + certificate.ASK


def test_key_without_certificate(installed, settings):
    secret, _ = certificates.make()
    settings.REPORT_CERTIFICATE.write_bytes(certificates.archive(secret, None))

    assert reason() == certificate.INCOMPLETE + " " + certificate.ASK


def test_certificate_that_has_not_begun(tmp_path, settings):
    begins_at = datetime.datetime(2040, 1, 5, tzinfo=datetime.UTC)
    certificates.install(tmp_path, settings, begins_at=begins_at)

    assert reason() == "The certificate of this service is not valid before 5 January 2040." + ASK


# the check


def test_check_says_nothing_of_a_good_certificate(installed):
    assert checks.certificate_signs() == []


def test_check_says_nothing_without_a_certificate():
    assert checks.certificate_signs() == []


def test_check_warns_of_one_that_cannot_sign(expired):
    assert checks.certificate_signs() == [
        Warned(
            EXPIRED,
            hint="See REPORT_CERTIFICATE and REPORT_CERTIFICATE_PASSWORD_FILE in docs/records.md.",
            id="assessments.W002",
        )
    ]


def test_check_warns_a_month_before_it_expires(installed):
    with time_machine.travel(installed.not_valid_after_utc - datetime.timedelta(days=29), tick=False):
        [found] = checks.certificate_signs()

    assert found.id == "assessments.W003"
    assert found.msg.startswith("The certificate of this service expires on ")
