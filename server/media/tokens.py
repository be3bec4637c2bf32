"""Who may enter a room: a token that web seals with the room's own key, and this process checks.

The key comes with the room and goes with it, so that strangers' bytes meet no other key (T20).
"""

import base64
import binascii
import enum
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Final

from server.media.errors import RoomRefusal

_LONGEST: Final = 2048
_KEY_BYTES: Final = 32
LONGEST_LIFE_S: Final = 900
"""A token lives no longer, whatever it says."""


class Device(enum.StrEnum):
    """With what a person takes part: the first device, or a second one beside it (U30)."""

    FIRST = "first"
    COMPANION = "companion"


class Sight(enum.StrEnum):
    """What a person may of the pictures that are looked at together, from least to most."""

    NONE = "none"
    LOOK = "look"
    SHOW = "show"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says; times in seconds since 1970 UTC."""

    room: str
    person: str
    role: str
    device: Device
    issued_s: int
    expires_s: int
    sight: Sight = Sight.NONE


def seal_token(claims: Claims, key: bytes) -> str:
    """The token, in letters that an address may have."""
    body = json.dumps(
        {
            "room": claims.room,
            "person": claims.person,
            "role": claims.role,
            "device": claims.device.value,
            "issued_s": claims.issued_s,
            "expires_s": claims.expires_s,
            "sight": claims.sight.value,
        },
        separators=(",", ":"),
    ).encode()
    return f"{_text(body)}.{_text(_mac(body, key))}"


def read_token(token: object, *, room: str, key: bytes) -> Claims:
    """What it says; raises RoomRefusal where it is not of this room. Its age is not judged here."""
    if not isinstance(token, str) or len(token) > _LONGEST or len(key) < _KEY_BYTES:
        raise RoomRefusal("token-refused")
    body_text, _, mac_text = token.partition(".")
    try:
        body, mac = _bytes(body_text), _bytes(mac_text)
        if not hmac.compare_digest(mac, _mac(body, key)):
            raise RoomRefusal("token-refused")
        told = json.loads(body)
        claims = Claims(
            room=str(told["room"]),
            person=str(told["person"]),
            role=str(told["role"]),
            device=Device(told["device"]),
            issued_s=int(told["issued_s"]),
            expires_s=int(told["expires_s"]),
            sight=Sight(told["sight"]),
        )
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise RoomRefusal("token-refused") from None
    if claims.room != room:
        raise RoomRefusal("token-refused")
    return claims


def is_fresh(claims: Claims, now_s: float) -> bool:
    """Whether somebody may come in with it for the first time."""
    ends_s = min(claims.expires_s, claims.issued_s + LONGEST_LIFE_S)
    return now_s < ends_s


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"room token\n" + body, hashlib.sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
