"""Certificates for tests, made by the product's own authority."""

import datetime as dt
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.tls.authority import Authority, found_authority, issue
from server.tls.names import parse_names

HOSTS = ("lianzhen.test", "10.9.8.7")
_BOTH_WAYS = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]


def make_authority(
    folder: Path, *, now: dt.datetime | None = None, hosts: tuple[str, ...] = HOSTS
) -> Authority:
    """An authority with a server certificate for these hosts and for loopback."""
    authority, at = Authority(folder), now or dt.datetime.now(dt.UTC)
    found_authority(authority, parse_names(hosts), now=at)
    issue(authority, parse_names(hosts), now=at)
    return authority


def trusting(authority: Authority) -> ssl.SSLContext:
    """A browser that has installed this authority and no other."""
    return ssl.create_default_context(cafile=str(authority.certificate_file))


def make_device(authority: Authority, folder: Path) -> tuple[Path, Path]:
    """Key and certificate of a machine that this authority vouches for."""
    key, at = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    issuer = x509.load_pem_x509_certificate(authority.certificate_file.read_bytes())
    signer = load_pem_private_key(authority.key_file.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - dt.timedelta(days=1))
        .not_valid_after(at + dt.timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage(_BOTH_WAYS), critical=False)
        .sign(signer, SHA256())
    )
    files = folder / "device.key", folder / "device.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files[0].write_bytes(plain)
    files[1].write_bytes(made.public_bytes(Encoding.PEM))
    return files


def certificate_of_hospital(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, now: dt.datetime, days: int
) -> x509.Certificate:
    """The hospital's certificate of a key for seals, which ends so many days from now."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "江州市眼科医院")])
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
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(usage, critical=True)
        .sign(key, SHA256())
    )
