"""The digital signature of an issued report: PAdES baseline B, added to the file behind its last byte.

The key is used here and never where pages are set. Nothing is asked of the network, so there is neither a time stamp
nor proof of revocation in the file.
"""

import asyncio
import datetime
import hashlib
import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from assessments.exceptions import RenderingFailed
from assessments.reports.certificate import Certificate

DIGEST = "sha256"
FIELD = "Signature of the service"
READ_ALOUD = "Digital signature of the service that issued this report"
REASON = "Issued as the report of an assessment that was signed off"
FAILED = "The report could not be signed with the certificate of this service."


class Update(IncrementalPdfFileWriter):
    """What is added to the file. The library would date it now and give it a number by chance."""

    def _update_meta(self) -> None:
        """Title, dates and what the file says of itself stay as they were set."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        first, _ = super()._handle_id(prev)  # type: ignore[no-untyped-call]  # the library types little of itself
        return generic.ArrayObject([first, generic.ByteStringObject(hashlib.sha256(b"signed" + first).digest()[:16])])


def sign(content: bytes, certificate: Certificate, *, signed_at: datetime.datetime, place: str) -> bytes:
    """The file with the signature. Nothing is drawn, and nothing may be changed in it afterwards.

    With an RSA key the same file gives the same bytes; elliptic keys take a number by chance.
    A certificate is never used before it began, so an earlier instant becomes its first.
    """
    instant = max(signed_at, certificate.begins_at).replace(microsecond=0)
    try:
        signer = SimpleSigner.load_pkcs12_data(certificate.archive, [], certificate.password)
        return _signed(content, signer, _dictionary(signer, certificate.name, instant, place))
    except (PdfError, SigningError, ValueError) as error:
        raise RenderingFailed(FAILED) from error


def _signed(content: bytes, signer: SimpleSigner, dictionary: SignatureObject) -> bytes:
    # Out of the page and without size: what is not on the page needs no place among its tags (PDF/UA-1, 7.18.1).
    outside = InvisSigSettings(box_out_of_bounds=True)
    field = SigFieldSpec(FIELD, invis_sig_settings=outside, readable_field_name=READ_ALOUD)
    steps = PdfCMSEmbedder(field).write_cms(FIELD, Update(io.BytesIO(content)))
    next(steps)
    frozen = SigMDPSetup(DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    steps.send(SigObjSetup(dictionary, mdp_setup=frozen))
    prepared, output = steps.send(SigIOSetup(DIGEST))
    steps.send(_cms(signer, prepared.document_digest))
    signed: bytes = output.getvalue()
    return signed


def _dictionary(signer: SimpleSigner, name: str, instant: datetime.datetime, place: str) -> SignatureObject:
    unsigned = bytes(hashlib.new(DIGEST).digest_size)
    return SignatureObject(
        timestamp=instant,
        subfilter=SigSeedSubFilter.PADES,
        name=name,
        location=place,
        reason=REASON,
        # It is written in hexadecimal digits, and the length of an elliptic one varies a little.
        bytes_reserved=2 * len(_cms(signer, unsigned).dump()) + 64,
    )


def _cms(signer: SimpleSigner, digest: bytes) -> Any:
    return asyncio.run(signer.async_sign(digest, DIGEST, use_pades=True))
