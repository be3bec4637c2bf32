"""Codes from an authenticator app (RFC 6238), and the ones on paper for when the phone is lost."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp

STEP_S: Final = 30
_DRIFT_STEPS: Final = 1  # RFC 6238 section 5.2: one step for clocks and slow fingers
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another on paper
_HALF: Final = 5
_CODE: Final = re.compile(r"[0-9]{6}")
_ISSUER: Final = "Lianzhen"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What a person has: since when, and how many codes on paper are left."""

    set_up_at: datetime | None
    codes_left: int

    @property
    def is_set_up(self) -> bool:
        """Whether signing in asks for a code."""
        return self.set_up_at is not None


def make_secret() -> str:
    """A new shared secret of 160 bits in base 32 (RFC 4226 section 4)."""
    return pyotp.random_base32()


def make_address(secret: str, *, login: str) -> str:
    """The address that the app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER)


def find_step(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The time step of this code; none for a wrong one, and for one that was used (replay)."""
    typed = code.replace(" ", "")
    if _CODE.fullmatch(typed) is None:
        return None
    made, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    steps = range(present - _DRIFT_STEPS, present + _DRIFT_STEPS + 1)
    found = [step for step in steps if hmac.compare_digest(made.generate_otp(step), typed)]
    return max((step for step in found if step > after), default=None)


def make_recovery_code() -> str:
    """A code to be kept on paper: ten letters of 31, 49 bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(2 * _HALF))
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def plain_recovery_code(typed: str) -> str | None:
    """The letters of a typed recovery code, however it was spaced; none if it cannot be one."""
    letters = re.sub(r"[\s-]", "", typed.casefold())
    is_code = len(letters) == 2 * _HALF and set(letters) <= set(_LETTERS)
    return letters if is_code else None
