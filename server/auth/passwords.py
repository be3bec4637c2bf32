"""Hashing of passwords: argon2id, two at a time, never on the loop."""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from consult.people.practitioners.passwords import normalise_password

T = TypeVar("T")
# OWASP: 19 MiB, two passes, one lane; the library's own 64 MiB and four lanes take 0.3 s a person.
_MEMORY_KIB: Final = 19 * 1024
_MOST_WAITING: Final = 64
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another on paper
_GROUPS, _GROUP_LETTERS = 3, 4

_hasher = PasswordHasher(time_cost=2, memory_cost=_MEMORY_KIB, parallelism=1, type=Type.ID)


def _make_dummy_hash() -> str:
    """What looks like a hash, of nothing known: an unknown name costs as much time as a known one.

    Drawn, not reckoned, so that no start waits for it (PHC string format; base64 without padding).
    """
    salt, digest = (
        b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()
        for length in (_hasher.salt_len, _hasher.hash_len)
    )
    costs = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


_DUMMY_HASH: Final = _make_dummy_hash()


class Passwords:
    """Two threads that hash, and a short queue before them; beyond it TimeoutError means busy."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="argon2")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to store."""
        return await self._run(lambda: hash_password(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password belongs to the hash; without a hash, a slow no."""
        return await self._run(lambda: verify_password(password_hash, password))

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, step: Callable[[], T]) -> T:
        if self._waiting >= _MOST_WAITING:
            raise TimeoutError
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, step)
        finally:
            self._waiting -= 1


def hash_password(password: str) -> str:
    """The hash of a password; takes about 50 ms, so never on the loop."""
    return _hasher.hash(normalise_password(password))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; takes about 50 ms, so never on the loop."""
    try:
        _hasher.verify(password_hash or _DUMMY_HASH, normalise_password(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def make_one_time_password() -> str:
    """A password to be read from paper once: twelve letters of 31, 59 bits."""
    groups = [
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LETTERS)) for _ in range(_GROUPS)
    ]
    return "-".join(groups)
