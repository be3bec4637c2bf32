"""Names and passwords that a TURN server lets in for a while, without knowing anybody.

The form is that of draft-uberti-behave-turn-rest-00, which coturn takes with `use-auth-secret`:
the name begins with its end in seconds since 1970, the password is an HMAC of the name.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

_NAME_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Credential:
    """What a browser shows to the relay; `expires_s` in seconds since 1970 UTC."""

    username: str
    password: str = field(repr=False)
    expires_s: int


def make_credential(secret: bytes, person_id: str, *, expires_s: int) -> Credential:
    """A credential of this person, by which nobody is known: the relay writes names into its log.

    It is the same word for the same person, so that the relay's quota a name is one a person.
    """
    blind = hmac.digest(secret, b"turn name\n" + person_id.encode(), hashlib.sha256)[:_NAME_BYTES]
    username = f"{expires_s}:{blind.hex()}"
    proof = hmac.digest(secret, username.encode(), hashlib.sha1)
    return Credential(username, base64.b64encode(proof).decode(), expires_s)
