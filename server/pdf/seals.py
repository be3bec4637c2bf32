"""Who puts the seal on a PDF (PAdES, ETSI EN 319 142-1): this server's own key, or a hospital's.

A provider of certified signatures (CA) has the same face as these two: `PdfSeal`.
"""

import datetime as dt
import enum
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from consult.kernel.disk import write_once
from consult.kernel.errors import ConsultError
from consult.reports.seal import SystemSeal

_CERTIFICATE: Final = "seal.crt"
_YEARS: Final = 10
_FIELD: Final = "Seal"
_ROOM_BYTES: Final = 16384
_NAME: Final = "联诊演示签章 Lianzhen demonstration seal"


class SealKind(enum.StrEnum):
    """How much a seal on a PDF proves, which every page of it says."""

    DEMO = "demo"
    HOSPITAL = "hospital"


class SealFileError(ConsultError):
    """The PKCS#12 file of the hospital's seal cannot be used."""

    def __init__(self) -> None:
        super().__init__("seal-file-unusable")


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
        """The same PDF with its signature; takes a moment, so it is called in a thread."""
        ...


@dataclass(frozen=True, slots=True)
class CertificateSeal:
    """A key and its certificate with the chain above it."""

    kind: SealKind
    key_der: bytes = field(repr=False)
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
        from asn1crypto import keys as asn1_keys  # noqa: PLC0415 - see above
        from asn1crypto import x509 as asn1_x509  # noqa: PLC0415 - see above
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - see above
        from pyhanko.sign import fields, signers  # noqa: PLC0415 - see above
        from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415 - see above
        from tzlocal import get_localzone  # noqa: PLC0415 - see above

        get_localzone()  # pyHanko would read it from the disk inside its own event loop

        store = SimpleCertificateStore()
        store.register_multiple(asn1_x509.Certificate.load(_der(each)) for each in self.chain)
        signer = signers.SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(_der(self.certificate)),
            signing_key=asn1_keys.PrivateKeyInfo.load(self.key_der),
            cert_registry=store,
        )
        told = signers.PdfSignatureMetadata(
            field_name=_FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        out = signers.sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)),
            told,
            signer=signer,
            bytes_reserved=_ROOM_BYTES,
        )
        return bytes(out.getbuffer())


def demo_seal(seal: SystemSeal, folder: Path, *, now: dt.datetime) -> CertificateSeal:
    """The server's own key with a certificate that it made for itself, and that says so."""
    path = folder / _CERTIFICATE
    if not path.exists():
        made = _make_certificate(seal.key, now=now).public_bytes(_PEM)
        write_once(path, made, mode=0o644)
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return CertificateSeal(SealKind.DEMO, _key_der(seal.key), certificate)


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
    return CertificateSeal(SealKind.HOSPITAL, der, found.cert.certificate, chain)


_PEM: Final = serialization.Encoding.PEM


def _make_certificate(key: ec.EllipticCurvePrivateKey, *, now: dt.datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _key_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
