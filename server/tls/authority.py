"""The installation's own small authority: for networks that have none (RFC 5280)."""

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from consult.kernel.disk import fsync_folder, write_all
from server.tls.names import Name
from server.tls.pair import Pair, TlsRefusedError

_AUTHORITY_DAYS: Final = 3652
_SERVER_DAYS: Final = 825  # the most that iOS and macOS believe (support.apple.com/103769)
_RENEW_BEFORE: Final = dt.timedelta(days=30)
_CLOCK_SLACK: Final = dt.timedelta(days=1)  # shared computers' clocks are wrong by hours
_TITLE: Final = "Lianzhen authority"
_SHORT: Final = 8


@dataclass(frozen=True, slots=True)
class Authority:
    """The files of one installation's authority, and of the certificate it gave the server."""

    folder: Path

    @property
    def certificate_file(self) -> Path:
        """What people install."""
        return self.folder / "authority.pem"

    @property
    def key_file(self) -> Path:
        """What nobody but this installation may ever hold."""
        return self.folder / "authority.key"

    @property
    def pair(self) -> Pair:
        """What the server serves."""
        return Pair(self.folder / "server.pem", self.folder / "server.key")

    def certificate(self) -> x509.Certificate | None:
        """The authority's certificate, if there is one."""
        return _load(self.certificate_file)


def found_authority(authority: Authority, names: Sequence[Name], *, now: dt.datetime) -> None:
    """Make an authority that can speak for these names alone; one that exists is kept."""
    if authority.certificate_file.exists():
        raise TlsRefusedError("authority-exists")
    key = ec.generate_private_key(ec.SECP256R1())
    mark = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    subject = _named(f"{_TITLE} {mark.digest.hex()[:_SHORT]}")
    made = (
        _begin(subject, subject, key.public_key(), now=now, days=_AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(x509.NameConstraints(_allowed(names), None), critical=True)
        .add_extension(mark, critical=False)
        .sign(key, hashes.SHA256())
    )
    authority.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(authority.key_file, _key_pem(key))
    _write(authority.certificate_file, made.public_bytes(Encoding.PEM))


def issue(authority: Authority, names: Sequence[Name], *, now: dt.datetime) -> x509.Certificate:
    """Give the server a certificate for these names."""
    root, root_key = _open(authority)
    if not _covers(root, names):
        raise TlsRefusedError("authority-too-narrow")
    key = ec.generate_private_key(ec.SECP256R1())
    days = min(_SERVER_DAYS, (root.not_valid_after_utc - now).days)
    made = (
        _begin(root.subject, _named(str(names[0])[:64]), key.public_key(), now=now, days=days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(list(map(_general, names))), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    _write(authority.pair.key_file, _key_pem(key))
    chain = made.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
    _write(authority.pair.certificate_file, chain)
    return made


def names_of(certificate: x509.Certificate) -> tuple[Name, ...]:
    """The names and addresses that a certificate of ours speaks for."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    values = [each.value for each in found]
    return tuple(each for each in values if isinstance(each, (str, IPv4Address, IPv6Address)))


def served_names(authority: Authority) -> tuple[Name, ...]:
    """The names of the certificate that is served now."""
    served = _load(authority.pair.certificate_file)
    if served is None:
        raise TlsRefusedError("authority-missing")
    return names_of(served)


def keep_ready(authority: Authority, names: Sequence[Name], *, now: dt.datetime) -> None:
    """For `--tls self-signed`: found what is missing, and renew what ends within 30 days."""
    if authority.certificate() is None:
        found_authority(authority, names, now=now)
    served = _load(authority.pair.certificate_file)
    if served is None or not authority.pair.key_file.exists():
        issue(authority, names, now=now)
    elif served.not_valid_after_utc - now < _RENEW_BEFORE:
        issue(authority, names_of(served), now=now)


def _open(authority: Authority) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        key = load_pem_private_key(authority.key_file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        raise TlsRefusedError("authority-missing") from None
    root = authority.certificate()
    if root is None or not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TlsRefusedError("authority-missing")
    return root, key


def _load(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise TlsRefusedError("tls-certificate-unreadable") from None


def _covers(root: x509.Certificate, names: Sequence[Name]) -> bool:
    constraints = root.extensions.get_extension_for_class(x509.NameConstraints).value
    allowed = set(constraints.permitted_subtrees or ())
    return set(_allowed(names)) <= allowed


def _allowed(names: Sequence[Name]) -> list[x509.GeneralName]:
    """As subtrees of RFC 5280 section 4.2.1.10: an address is a network of one."""
    return [
        x509.DNSName(name) if isinstance(name, str) else x509.IPAddress(ip_network(name))
        for name in names
    ]


def _general(name: Name) -> x509.GeneralName:
    if isinstance(name, (IPv4Address, IPv6Address)):
        return x509.IPAddress(name)
    return x509.DNSName(name)


def _named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _begin(
    issuer: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    *,
    now: dt.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now - _CLOCK_SLACK + dt.timedelta(days=days))
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, data: bytes) -> None:
    """Replace a file whole, readable to nobody else."""
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    new.replace(path)
    fsync_folder(path.parent)
