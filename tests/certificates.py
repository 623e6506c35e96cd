"""PKCS#12 files as an organisation has them, made for a test: issued to itself, valid for a year unless told."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

NAME, PASSWORD = "Northfield reports", "open sesame"
KEYS = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
    "dsa": lambda: dsa.generate_private_key(2048),
}
YEAR = datetime.timedelta(days=365)


def make(*, key="rsa", names=((NameOID.COMMON_NAME, NAME),), begins_at=None, lasts=YEAR):
    """The private key and its certificate."""
    secret = KEYS[key]()
    subject = x509.Name([x509.NameAttribute(kind, text) for kind, text in names])
    begins_at = begins_at or datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    usage = dict.fromkeys(
        "key_encipherment data_encipherment key_agreement key_cert_sign crl_sign encipher_only decipher_only".split(),
        False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(1)
        .not_valid_before(begins_at)
        .not_valid_after(begins_at + lasts)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .sign(secret, hashes.SHA256())
    )
    return secret, made


def archive(secret, made, password=PASSWORD):
    lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"reports", secret, made, None, lock)


def install(folder, settings, *, password=PASSWORD, **options):
    """Put one where the settings look for it. Returns the certificate."""
    secret, made = make(**options)
    settings.REPORT_CERTIFICATE = folder / "reports.p12"
    settings.REPORT_CERTIFICATE.write_bytes(archive(secret, made, password))
    settings.REPORT_CERTIFICATE_PASSWORD_FILE = None
    if password:
        settings.REPORT_CERTIFICATE_PASSWORD_FILE = folder / "password"
        settings.REPORT_CERTIFICATE_PASSWORD_FILE.write_text(f"{password}\n")
    return made
