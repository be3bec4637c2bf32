"""The seal: a P-256 key that makes any change of a signed report visible.

It is the server's seal against tampering, not the signer's own reliable electronic signature
(电子签名法 article 13): a certificate authority's provider has the same face.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from consult.kernel.disk import write_once
from consult.kernel.errors import ConsultError

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


class SealMissingError(ConsultError):
    """The key of the seal is not beside the master key."""

    def __init__(self) -> None:
        super().__init__("seal-missing")


class SealMalformedError(ConsultError):
    """The file of the seal's key is not a P-256 key."""

    def __init__(self) -> None:
        super().__init__("seal-malformed")


def is_seal_there(folder: Path) -> bool:
    """Whether the installation has its seal already."""
    return (folder / _FILE).exists()


def require_seal(folder: Path) -> SystemSeal:
    """The installation's seal; raises SealMissingError: a lost key is never replaced in silence.

    Beside another key every signature and anchor of before would look forged.
    """
    try:
        pem = (folder / _FILE).read_bytes()
    except FileNotFoundError:
        raise SealMissingError from None
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError:
        raise SealMalformedError from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SealMalformedError
    return SystemSeal(key)


def load_seal(folder: Path) -> SystemSeal:
    """The seal of an installation that begins: its key is made where there is none yet."""
    if not is_seal_there(folder):
        _make_key(folder / _FILE)
    return require_seal(folder)


def _make_key(path: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_once(path, pem, mode=_OWNER_ONLY)
