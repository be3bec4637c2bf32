"""The seal: a P-256 key that makes any change of a signed report visible.

It is the server's seal against tampering, not the signer's own reliable electronic signature
(电子签名法 article 13): a certificate authority's provider has the same face.
"""

import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from consult.kernel.disk import fsync_folder, write_all

_FILE = "seal.pem"
_OWNER_ONLY = 0o600


class Seal(Protocol):
    """Signs the canonical bytes of a report."""

    @property
    def id(self) -> str:
        """Which key it is: SHA-256 of the public key (SubjectPublicKeyInfo, DER)."""
        ...

    @property
    def public_pem(self) -> bytes:
        """The public key, for whoever checks without us."""
        ...

    def sign(self, content: bytes) -> bytes:
        """The signature over these bytes."""
        ...

    def is_valid(self, signature: bytes, content: bytes) -> bool:
        """Whether the signature was made over exactly these bytes."""
        ...


@dataclass(frozen=True, slots=True)
class SystemSeal:
    """ECDSA over P-256 with SHA-256 (FIPS 186-5), DER-coded, the same each time (RFC 6979)."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def id(self) -> str:
        """Which key it is."""
        public = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return sha256(public).hexdigest()

    @property
    def public_pem(self) -> bytes:
        """The public key (SubjectPublicKeyInfo, RFC 7468)."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, content: bytes) -> bytes:
        """The signature over these bytes."""
        return self.key.sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))

    def is_valid(self, signature: bytes, content: bytes) -> bool:
        """Whether the signature was made over exactly these bytes."""
        try:
            self.key.public_key().verify(signature, content, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


class SealMalformedError(Exception):
    """The file of the seal's key is not a P-256 key."""


def is_seal_there(folder: Path) -> bool:
    """Whether the installation has its seal already."""
    return (folder / _FILE).exists()


def load_seal(folder: Path) -> SystemSeal:
    """The installation's seal; its key is made at first use, durable before it is used."""
    path = folder / _FILE
    if not path.exists():
        _make_key(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError:
        raise SealMalformedError from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SealMalformedError
    return SystemSeal(key)


def _make_key(path: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    try:
        write_all(descriptor, pem)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.rename(path)
    fsync_folder(path.parent)
