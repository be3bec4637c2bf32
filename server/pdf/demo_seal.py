"""The server's own key as a seal, with a certificate that it made for itself and that says so."""

import datetime as dt
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from consult.kernel.disk import write_once
from consult.reports.seal import SystemSeal
from server.pdf.seals import CertificateSeal, KeyInMemory, SealKind

_CERTIFICATE: Final = "seal.crt"
_YEARS: Final = 10
_NAME: Final = "联诊演示签章 Lianzhen demonstration seal"
_PEM: Final = serialization.Encoding.PEM


def demo_seal(seal: SystemSeal, folder: Path, *, now: dt.datetime) -> CertificateSeal:
    """The server's own key with a certificate that it made for itself, and that says so."""
    path = folder / _CERTIFICATE
    if not path.exists():
        made = _make_certificate(seal.key, now=now).public_bytes(_PEM)
        write_once(path, made, mode=0o644)
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return CertificateSeal(SealKind.DEMO, KeyInMemory(_key_der(seal.key)), certificate)


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


def _key_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
