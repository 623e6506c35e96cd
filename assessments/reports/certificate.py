"""The certificate with which this service signs the reports it issues, where one is configured."""

import datetime
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from assessments.exceptions import RenderingFailed
from assessments.reports import words

if TYPE_CHECKING:
    from cryptography import x509

logger = logging.getLogger(__name__)

UNREADABLE = "The certificate of this service cannot be read ({reason})."
UNREADABLE_PASSWORD = "The password of the certificate of this service cannot be read ({reason})."  # noqa: S105  no password
REFUSED = "The certificate of this service does not open: it is no PKCS#12 file, or its password is another."
INCOMPLETE = "The certificate of this service lacks a certificate, or an RSA or elliptic key for it."
EARLY = "The certificate of this service is not valid before {day}."
EXPIRED = "The certificate of this service expired on {day}."
ASK = "Until that is mended no report can be issued; tell the administrator."


@dataclass(frozen=True)
class Certificate:
    """The opened file: who is named in it, and from when to when it may sign."""

    archive: bytes
    password: bytes | None
    name: str
    begins_at: datetime.datetime
    ends_at: datetime.datetime


def current() -> Certificate | None:
    """The certificate as it lies there now, None if none is configured, or RenderingFailed with what is wrong with it.

    It is read each time, so that a renewed one is used without a restart.
    """
    if settings.REPORT_CERTIFICATE is None:
        return None
    found = _opened(*_read(settings.REPORT_CERTIFICATE, settings.REPORT_CERTIFICATE_PASSWORD_FILE))
    now = timezone.now()
    if now < found.begins_at:
        raise _unusable(EARLY.format(day=_day(found.begins_at)))
    if now > found.ends_at:
        raise _unusable(EXPIRED.format(day=_day(found.ends_at)))
    return found


def _read(path: Path, password_path: Path | None) -> tuple[bytes, bytes | None]:
    try:
        archive = path.read_bytes()
    except OSError as error:
        raise _unusable(UNREADABLE.format(reason=error.strerror)) from error
    if password_path is None:
        return archive, None
    try:
        return archive, password_path.read_bytes().strip()
    except OSError as error:
        raise _unusable(UNREADABLE_PASSWORD.format(reason=error.strerror)) from error


def _opened(archive: bytes, password: bytes | None) -> Certificate:
    # Loaded where a certificate is configured only: it takes memory of every web worker.
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415

    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(archive, password)
    except (ValueError, TypeError) as error:
        raise _unusable(REFUSED) from error
    signs = isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    if certificate is None or not signs:
        raise _unusable(INCOMPLETE)
    return Certificate(
        archive, password, _name(certificate), certificate.not_valid_before_utc, certificate.not_valid_after_utc
    )


def _unusable(sentence: str) -> RenderingFailed:
    logger.error("%s", sentence)
    return RenderingFailed(f"{sentence} {ASK}")


def _name(certificate: "x509.Certificate") -> str:
    """The person or body it was made out to; the whole subject where it names none."""
    from cryptography.x509.oid import NameOID  # noqa: PLC0415  as above

    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _day(at: datetime.datetime) -> str:
    return words.day(timezone.localtime(at).date())
