"""The keys of one installation: sealed columns, blind indexes, and the keys that wrap blob keys.

    master key      ── wraps ──▶  institution key       ── wraps ──▶  key of one blob
    (one small file)              (random, in its row)                (random, in the blob's row)

An institution's key is random, not derived: the master key can be changed by wrapping a few rows
anew, and an institution can be forgotten by dropping one row.
"""

import base64
import binascii
import hashlib
import hmac
import os
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consult.kernel.disk import write_once
from consult.kernel.errors import ConsultError

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12  # NIST SP 800-38D section 8.2.2: 96 random bits
_VERSION: Final = b"\x01"
_FILE_HEADING: Final = "lianzhen-master-key-1"


class KeyFileMissingError(ConsultError):
    """There is no key file, and none was to be made."""

    def __init__(self) -> None:
        super().__init__("key-file-missing")


class KeyFileMalformedError(ConsultError):
    """The key file does not hold one master key."""

    def __init__(self) -> None:
        super().__init__("key-file-malformed")


class SealBrokenError(ConsultError):
    """Sealed bytes were changed, moved to another purpose, or sealed under another key."""

    def __init__(self, purpose: str) -> None:
        super().__init__("seal-broken", purpose=purpose)


def make_key() -> bytes:
    """A fresh random key."""
    return os.urandom(KEY_BYTES)


def wrap_key(key: bytes, *, by: bytes, purpose: str) -> bytes:
    """The key encrypted under another one, bound to what it is for."""
    return _seal(key, by=by, purpose=purpose)


def unwrap_key(wrapped: bytes, *, by: bytes, purpose: str) -> bytes:
    """The key again; raises SealBrokenError under any other key or purpose."""
    return _unseal(wrapped, by=by, purpose=purpose)


def salted(text: str, salt: bytes) -> str:
    """A hash of text that tells nothing once the salt is erased."""
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()


class Vault:
    """What the master key can do, without ever handing it out."""

    __slots__ = ("_blind_key", "_column_key", "_institution_key")

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise KeyFileMalformedError
        self._column_key = _derive(master, "columns")
        self._blind_key = _derive(master, "blind indexes")
        self._institution_key = _derive(master, "institution keys")

    def seal(self, text: str, *, purpose: str) -> bytes:
        """The text for an encrypted column, readable only for the same purpose."""
        return _seal(text.encode(), by=self._column_key, purpose=purpose)

    def open(self, sealed: bytes, *, purpose: str) -> str:
        """The text of an encrypted column; raises SealBrokenError when it was changed."""
        return _unseal(sealed, by=self._column_key, purpose=purpose).decode()

    def seal_bytes(self, plain: bytes, *, purpose: str) -> bytes:
        """Bytes for an encrypted column, readable only for the same purpose."""
        return _seal(plain, by=self._column_key, purpose=purpose)

    def open_bytes(self, sealed: bytes, *, purpose: str) -> bytes:
        """The bytes of an encrypted column; raises SealBrokenError when they were changed."""
        return _unseal(sealed, by=self._column_key, purpose=purpose)

    def blind(self, text: str, *, purpose: str) -> str:
        """A keyed hash for exact search: it tells only that two texts of one purpose are equal."""
        message = purpose.encode() + b"\x00" + text.encode()
        return hmac.digest(self._blind_key, message, "sha256").hex()

    def make_institution_key(self, institution_id: str) -> bytes:
        """A new institution's key, wrapped for its row."""
        return self.wrap_institution_key(make_key(), institution_id=institution_id)

    def wrap_institution_key(self, key: bytes, *, institution_id: str) -> bytes:
        """An institution's key wrapped by this master key."""
        return wrap_key(key, by=self._institution_key, purpose=f"institution:{institution_id}")

    def unwrap_institution_key(self, wrapped: bytes, *, institution_id: str) -> bytes:
        """An institution's key from its row."""
        return unwrap_key(
            wrapped, by=self._institution_key, purpose=f"institution:{institution_id}"
        )

    @classmethod
    def from_file_text(cls, text: str) -> Self:
        """The vault of a key file's content."""
        words = text.split()
        if len(words) != len(("heading", "key")) or words[0] != _FILE_HEADING:
            raise KeyFileMalformedError
        try:
            return cls(base64.b64decode(words[1], validate=True))
        except binascii.Error:
            raise KeyFileMalformedError from None


def load_vault(key_file: Path, *, create: bool = False) -> Vault:
    """The vault of this key file; with `create`, a missing file is made first, with a fresh key."""
    if create and not key_file.exists():
        _create_key_file(key_file)
    try:
        return Vault.from_file_text(key_file.read_text("ascii"))
    except FileNotFoundError:
        raise KeyFileMissingError from None
    except UnicodeDecodeError:
        raise KeyFileMalformedError from None


def _create_key_file(key_file: Path) -> None:
    """A fresh key; where two processes begin at once, the first one's stays."""
    text = f"{_FILE_HEADING} {base64.b64encode(make_key()).decode()}\n"
    write_once(key_file, text.encode("ascii"), mode=0o600)


def _derive(master: bytes, purpose: str) -> bytes:
    """An independent key for one use (RFC 5869; the master key is random, so no salt is due)."""
    info = f"lianzhen {purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)


def _seal(plain: bytes, *, by: bytes, purpose: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(by).encrypt(nonce, plain, _VERSION + purpose.encode())


def _unseal(sealed: bytes, *, by: bytes, purpose: str) -> bytes:
    version, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(by).decrypt(nonce, body, version + purpose.encode())
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        raise SealBrokenError(purpose) from None
