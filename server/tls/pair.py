"""A certificate and its key as files: read, and refused with a reason before anybody connects."""

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from consult.kernel.errors import ConsultError

# ECDHE with an AEAD alone, for TLS 1.2; those of TLS 1.3 are all of that kind (RFC 9325 4.2)
_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"


class TlsRefusedError(ConsultError):
    """The certificate or its key cannot be served."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Where a certificate (with the chain below it) and its key lie, both as PEM."""

    certificate_file: Path
    key_file: Path

    def stamp(self) -> tuple[tuple[int, int, int], ...]:
        """What changes when one of the files is written anew; empty where one is away."""
        try:
            found = [path.stat() for path in (self.certificate_file, self.key_file)]
        except OSError:
            return ()
        return tuple((each.st_ino, each.st_size, each.st_mtime_ns) for each in found)


def check_pair(pair: Pair, *, now: dt.datetime) -> x509.Certificate:
    """The certificate, if it belongs to the key and holds now."""
    try:
        certificate = x509.load_pem_x509_certificates(pair.certificate_file.read_bytes())[0]
    except (OSError, ValueError):
        raise TlsRefusedError("tls-certificate-unreadable") from None
    try:
        key = load_pem_private_key(pair.key_file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise TlsRefusedError("tls-key-unreadable") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if certificate.public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        raise TlsRefusedError("tls-pair-differs")
    if certificate.not_valid_after_utc <= now:
        raise TlsRefusedError("tls-expired")
    if certificate.not_valid_before_utc > now:
        raise TlsRefusedError("tls-not-yet-valid")
    return certificate


def make_context(pair: Pair) -> ssl.SSLContext:
    """TLS 1.2 and newer, with forward secrecy (RFC 9325)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    try:
        context.load_cert_chain(pair.certificate_file, pair.key_file, password="")
    except (OSError, ssl.SSLError):
        raise TlsRefusedError("tls-key-unreadable") from None
    return context
