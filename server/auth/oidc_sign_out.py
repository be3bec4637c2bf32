"""What the identity provider says when somebody has signed out there: a logout token.

OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6; the signature is checked before.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from server.auth.oidc_errors import ProviderRefusedError

SIGN_OUT_CLAIMS: Final = ("iat", "jti", "events")
_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_OLDEST_S: Final = 600.0
_LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Whose sessions end, or which; of the token's own name only the hash is kept."""

    token_hash: str
    sub: str | None
    sid: str | None


def signed_out_in(claims: dict[str, Any], *, now: datetime) -> SignedOut:
    """Who has signed out; raises ProviderRefusedError for what is no logout token of today."""
    if "nonce" in claims:  # an ID token is no logout token
        raise ProviderRefusedError("nonce in a logout token")
    events = claims["events"]
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
        raise ProviderRefusedError("events")
    issued_at = claims["iat"]
    if not isinstance(issued_at, int | float) or now.timestamp() - issued_at > _OLDEST_S:
        raise ProviderRefusedError("iat")
    sub, sid = (name_in(claims, key) for key in ("sub", "sid"))
    if sub is None and sid is None:
        raise ProviderRefusedError("neither sub nor sid")
    jti = name_in(claims, "jti")
    if not jti:
        raise ProviderRefusedError("jti")
    return SignedOut(sha256(jti.encode()).hexdigest(), sub, sid)


def name_in(claims: dict[str, Any], key: str) -> str | None:
    """A name that the provider gives to a person or a sitting; none where it gives none."""
    found = claims.get(key)
    if found is None:
        return None
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_NAME:
        raise ProviderRefusedError(key)
    return found
