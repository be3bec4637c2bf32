"""Signing in at a hospital's own identity provider: OpenID Connect Core 1.0, code with PKCE.

Nothing outside is asked unless a provider is configured, and then only the provider.
"""

import base64
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from server.auth.oidc_errors import ProviderRefusedError, ProviderUnreachableError
from server.auth.oidc_sign_out import SIGN_OUT_CLAIMS, SignedOut, name_in, signed_out_in

SKEW_S: Final = 60
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]  # a public key's, never `none`
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_LARGEST_ANSWER: Final = 256 * 1024
_DISCOVERY: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The provider, and as whom we ask it."""

    issuer: str
    client_id: str
    secret: str
    claim: str


@dataclass(frozen=True, slots=True)
class Pending:
    """One sign-in that is under way; it lies sealed in the browser that began it.

    `again`: somebody who is here already is asked anew who she is, for one act; `attempt` is the
    name that the page which waits has given it. `asks`: her sitting there is not enough.
    """

    state: str
    nonce: str
    verifier: str
    going: str
    begun_at: float
    again: bool = False
    attempt: str = ""
    asks: bool = False

    def as_text(self) -> str:
        """To be sealed."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for, and under which names it knows her and this sitting.

    `ways`: how it asked her, in its own words (`amr`, `acr`; OIDC Core 2, RFC 8176).
    """

    name: str
    sub: str
    sid: str | None
    ways: frozenset[str]


def make_pending(
    going: str, *, now: datetime, again: bool = False, attempt: str = "", asks: bool = False
) -> Pending:
    """State, nonce and verifier of 256 random bits each (RFC 7636 section 4.1)."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Pending(state, nonce, verifier, going, now.timestamp(), again, attempt, asks or again)


def is_guarded(address: str, *, issuer: str) -> bool:
    """Our secret and the codes go over TLS alone, or to a provider on this very machine."""
    allowed = {"https", "http"} if urlsplit(issuer).scheme == "http" else {"https"}
    return urlsplit(address).scheme in allowed


def _require_fresh(
    claims: dict[str, Any], pending: Pending, *, now: datetime, clocks: timedelta
) -> None:
    """She was asked after we had asked (OIDC Core 2, `auth_time`; 3.1.2.1, `max_age`)."""
    at = claims.get("auth_time")
    if isinstance(at, bool) or not isinstance(at, int | float):
        raise ProviderRefusedError("no auth_time")
    if not pending.begun_at - clocks.total_seconds() <= at <= now.timestamp() + SKEW_S:
        raise ProviderRefusedError("auth_time")


def _ways_in(claims: dict[str, Any]) -> frozenset[str]:
    """What `amr` and `acr` say; another shape than the standard's says nothing."""
    told = claims.get("amr")
    found = [*(told if isinstance(told, list) else ()), claims.get("acr")]
    return frozenset(each for each in found if isinstance(each, str))


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The whole body, in however many pieces it comes; a long one is cut, and is then no JSON."""
    raw = bytearray()
    while len(raw) < _LARGEST_ANSWER and (piece := await answer.content.readany()):
        raw += piece
    return bytes(raw[:_LARGEST_ANSWER])


class Provider:
    """The hospital's identity provider."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._known: dict[str, Any] | None = None

    async def address(self, pending: Pending, *, back: str) -> str:
        """Where the browser goes to sign in."""
        challenge = sha256(pending.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": "openid profile email",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if pending.asks:  # ask her, though she has a sitting there (OIDC Core 3.1.2.1)
            asked |= {"prompt": "login", "max_age": "0"}
        endpoint = (await self._discover())["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def redeem(
        self, pending: Pending, *, code: str, back: str, now: datetime, clocks: timedelta
    ) -> Vouched:
        """Whom the provider vouches for; raises ProviderRefusedError.

        `clocks`: by how much its clock may be behind, where it was to ask her just now.
        """
        known = await self._discover()
        told = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self._settings.client_id,
            "code_verifier": pending.verifier,
        }
        answer = await self._ask(known["token_endpoint"], told)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefusedError("no token")
        claims = await self._claims(token, pending, now)
        if pending.asks:
            _require_fresh(claims, pending, now=now, clocks=clocks)
        sub, sid = name_in(claims, "sub"), name_in(claims, "sid")
        if sub is None:
            raise ProviderRefusedError("sub")
        return Vouched(self._name_in(claims), sub, sid, _ways_in(claims))

    async def read_sign_out(self, token: str, *, now: datetime) -> SignedOut:
        """What a logout token says (Back-Channel Logout 1.0 section 2.6)."""
        claims = await self._decode(token, now, SIGN_OUT_CLAIMS)
        return signed_out_in(claims, now=now)

    async def _claims(self, token: str, pending: Pending, now: datetime) -> dict[str, Any]:
        """The checked claims (OpenID Connect Core 1.0 section 3.1.3.7)."""
        claims = await self._decode(token, now, ("sub", "exp", "iat", "nonce"))
        if not hmac.compare_digest(str(claims["nonce"]).encode(), pending.nonce.encode()):
            raise ProviderRefusedError("nonce")
        me = self._settings.client_id
        is_ours_alone = claims["aud"] in (me, [me])
        if claims.get("azp", me if is_ours_alone else None) != me:
            raise ProviderRefusedError("azp")
        return claims

    async def _decode(self, token: str, now: datetime, needed: tuple[str, ...]) -> dict[str, Any]:
        """The claims of a token that the provider has signed for us, these among them."""
        # fetched at each sign-in: a provider that changes its keys is followed at once
        keys = await self._ask((await self._discover())["jwks_uri"])
        essential: dict[str, Any] = {name: {"essential": True} for name in needed}
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=SKEW_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            **essential,
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims  # type: ignore[arg-type] # a foreign document; whatever it is, import checks it
            rules.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderRefusedError(type(error).__name__) from None
        return dict(claims)

    def _name_in(self, claims: dict[str, Any]) -> str:
        name = claims.get(self._settings.claim)
        if not isinstance(name, str) or not name:
            raise ProviderRefusedError("claim")
        if self._settings.claim == "email" and claims.get("email_verified") is not True:
            raise ProviderRefusedError("email not verified")
        return name

    async def _discover(self) -> dict[str, Any]:
        if self._known is None:
            found = await self._ask(self._settings.issuer.rstrip("/") + _DISCOVERY)
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != self._settings.issuer:
                raise ProviderRefusedError("issuer")
            if not all(isinstance(found.get(name), str) for name in needed):
                raise ProviderUnreachableError
            if not all(is_guarded(found[name], issuer=self._settings.issuer) for name in needed):
                raise ProviderRefusedError("endpoint without TLS")
            self._known = found
        return self._known

    async def _ask(self, address: str, told: dict[str, str] | None = None) -> dict[str, Any]:
        """One JSON answer; a redirect is none, and a long one is cut."""
        auth = None
        if told is not None and self._settings.secret:
            auth = aiohttp.BasicAuth(self._settings.client_id, self._settings.secret)
        try:
            async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
                method = "GET" if told is None else "POST"
                sent = session.request(method, address, data=told, auth=auth, allow_redirects=False)
                async with sent as answer:
                    raw = await _read(answer)
                    is_fine = answer.status == 200  # noqa: PLR2004 - HTTP
            found = json.loads(raw) if is_fine else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            raise ProviderUnreachableError from None
        if told is not None and found is None:
            raise ProviderRefusedError("token endpoint")
        if not isinstance(found, dict):
            raise ProviderUnreachableError
        return found
