"""Who puts the seal on a PDF (PAdES, ETSI EN 319 142-1): this server's own key, or a hospital's.

A hospital's key lies in a file, or in a token (`token.py`) that hands no key out. A provider of
certified signatures (CA) has the same face: `PdfSeal`.
"""

import datetime as dt
import enum
import io
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from consult.kernel.errors import ConsultError

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer

_FIELD: Final = "Seal"
_ROOM_BYTES: Final = 16384


class SealKind(enum.StrEnum):
    """How much a seal on a PDF proves, which every page of it says."""

    DEMO = "demo"
    HOSPITAL = "hospital"


class SealFileError(ConsultError):
    """The PKCS#12 file of the hospital's seal cannot be used."""

    def __init__(self) -> None:
        super().__init__("seal-file-unusable")


class SealAwayError(ConsultError):
    """The token of the hospital's seal cannot be used; `code` says why."""


class SealFault(enum.StrEnum):
    """Why a certificate seals nothing on a day."""

    EXPIRED = "seal-expired"
    NOT_YET_VALID = "seal-not-yet-valid"


class PdfSeal(Protocol):
    """Signs a whole PDF, so that one changed byte is seen by any reader of PDF."""

    @property
    def kind(self) -> SealKind:
        """What the seal proves."""
        ...

    @property
    def subject(self) -> str:
        """Whom the certificate names."""
        ...

    @property
    def issuer(self) -> str:
        """Who made the certificate."""
        ...

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate."""
        ...

    @property
    def ends_at(self) -> dt.datetime:
        """Until when the certificate is valid."""
        ...

    def fault_at(self, moment: dt.datetime) -> SealFault | None:
        """Why nothing may be sealed at this moment."""
        ...

    def sign(self, pdf: bytes) -> bytes:
        """The same PDF with its signature, whole or not at all; raises SealAwayError.

        It takes a moment, so it is called in a thread.
        """
        ...


class SealKey(Protocol):
    """Where the private key of a seal lies."""

    def signer(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
    ) -> "AbstractContextManager[Signer]":
        """Who signs with it, for the time of a block."""
        ...


@dataclass(frozen=True, slots=True)
class KeyInMemory:
    """A key that came from a file."""

    der: bytes = field(repr=False)

    @contextmanager
    def signer(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
    ) -> "Iterator[Signer]":
        """Who signs with it."""
        # half a second of import that a restart need not wait for
        from asn1crypto import keys as asn1_keys  # noqa: PLC0415 - see above
        from asn1crypto import x509 as asn1_x509  # noqa: PLC0415 - see above
        from pyhanko.sign import signers  # noqa: PLC0415 - see above
        from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415 - see above

        store = SimpleCertificateStore()
        store.register_multiple(asn1_x509.Certificate.load(der_of(each)) for each in chain)
        yield signers.SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(der_of(certificate)),
            signing_key=asn1_keys.PrivateKeyInfo.load(self.der),
            cert_registry=store,
        )


@dataclass(frozen=True, slots=True)
class CertificateSeal:
    """A key and its certificate with the chain above it."""

    kind: SealKind
    key: SealKey
    certificate: x509.Certificate
    chain: Sequence[x509.Certificate] = ()

    @property
    def subject(self) -> str:
        """Whom the certificate names."""
        return _common_name(self.certificate.subject)

    @property
    def issuer(self) -> str:
        """Who made the certificate."""
        return _common_name(self.certificate.issuer)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def ends_at(self) -> dt.datetime:
        """Until when the certificate is valid."""
        return self.certificate.not_valid_after_utc

    def fault_at(self, moment: dt.datetime) -> SealFault | None:
        """Why nothing may be sealed at this moment (RFC 5280, 4.1.2.5)."""
        if moment > self.ends_at:
            return SealFault.EXPIRED
        if moment < self.certificate.not_valid_before_utc:
            return SealFault.NOT_YET_VALID
        return None

    def sign(self, pdf: bytes) -> bytes:
        """PAdES-B-B, as a certification that allows no change at all (ISO 32000-1 12.8.4)."""
        # half a second of import that a restart need not wait for
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - see above
        from pyhanko.sign import fields, signers  # noqa: PLC0415 - see above
        from tzlocal import get_localzone  # noqa: PLC0415 - see above

        get_localzone()  # pyHanko would read it from the disk inside its own event loop

        told = signers.PdfSignatureMetadata(
            field_name=_FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        with self.key.signer(self.certificate, self.chain) as signer:
            out = signers.sign_pdf(
                IncrementalPdfFileWriter(io.BytesIO(pdf)),
                told,
                signer=signer,
                bytes_reserved=_ROOM_BYTES,
            )
        return bytes(out.getbuffer())


def hospital_seal(file: Path, password_file: Path | None) -> CertificateSeal:
    """The key that a hospital brought as PKCS#12 (RFC 7292); raises SealFileError."""
    try:
        password = None if password_file is None else password_file.read_bytes().strip()
        found = pkcs12.load_pkcs12(file.read_bytes(), password)
    except (OSError, ValueError):
        raise SealFileError from None
    if found.key is None or found.cert is None:
        raise SealFileError
    der = found.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    chain = [each.certificate for each in found.additional_certs]
    return CertificateSeal(SealKind.HOSPITAL, KeyInMemory(der), found.cert.certificate, chain)


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def der_of(certificate: x509.Certificate) -> bytes:
    """The bytes of a certificate."""
    return certificate.public_bytes(serialization.Encoding.DER)
