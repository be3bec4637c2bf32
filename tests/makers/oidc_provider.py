"""An identity provider on loopback: the real protocol, for whoever a test has signed in there.

`python -m tests.makers.oidc_provider PORT`; `POST /test` says who is signed in there, and what is
wrong with the next token. Standards: OpenID Connect Core 1.0, RFC 6749, RFC 7636.
"""

import asyncio
import base64
import contextlib
import hmac
import json
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import BasicAuth, web
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.makers.databases import free_port
from tests.makers.oidc_faults import AGAIN, CLAIMS, CLIENT, EVENT, FACTORS, SIGN_OUT, Claims

SECRET = "a secret between the two of us"
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Registered:
    """One authorization code and what it was given for."""

    login: str
    redirect_uri: str
    challenge: str
    nonce: str


@dataclass
class State:
    """Keys, codes, who is signed in, and what is wrong next."""

    issuer: str
    key: RSAKey
    login: str = ""
    fault: str = ""
    signed_in_at: int = 0
    asked: Claims = field(default_factory=dict)
    codes: dict[str, Registered] = field(default_factory=dict)


def make_app(port: int) -> web.Application:
    """The provider."""
    key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    state = State(f"http://127.0.0.1:{port}", key)
    app = web.Application()
    app.add_routes(
        [
            web.get(
                "/.well-known/openid-configuration", lambda request: _in_pieces(request, _me(state))
            ),
            web.get("/keys", lambda request: _in_pieces(request, _keys(state))),
            web.get("/authorize", lambda request: _authorize(request, state)),
            web.post("/token", lambda request: _token(request, state)),
            web.post("/test", lambda request: _prepare(request, state)),
            web.post("/test/sign-out", lambda request: _sign_out(request, state)),
        ]
    )
    return app


async def _in_pieces(request: web.Request, told: Claims) -> web.StreamResponse:
    """As a slow line brings it: some bytes, a pause, the rest."""
    raw = json.dumps(told).encode()
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    await answer.prepare(request)
    for piece in (raw[:40], raw[40:90], raw[90:]):
        await answer.write(piece)
        await asyncio.sleep(0.05)
    await answer.write_eof()
    return answer


def _me(state: State) -> Claims:
    at = {name: f"{state.issuer}/{name}" for name in ("authorize", "token", "keys")}
    return {
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "issuer": state.issuer,
        "authorization_endpoint": at["authorize"],
        "token_endpoint": at["token"],
        "jwks_uri": at["keys"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    }


def _keys(state: State) -> Claims:
    return {"keys": [dict(state.key.as_dict(private=False))]}


async def _prepare(request: web.Request, state: State) -> web.Response:
    told = await request.json()
    state.login, state.fault = told["login"], told.get("fault", "")
    state.signed_in_at = int(time.time()) - 3600  # she came to the ward an hour ago
    return web.json_response({"asked": state.asked})


async def _sign_out(request: web.Request, state: State) -> web.Response:
    """The logout token that would be sent about this person (Back-Channel Logout 1.0, 2.4)."""
    told = await request.json()
    claims: Claims = {
        "iss": state.issuer,
        "aud": CLIENT,
        "iat": int(time.time()),
        "jti": told.get("jti") or secrets.token_hex(8),
        "events": {EVENT: {}},
        **{name: told[name] for name in ("sub", "sid") if name in told},
    }
    claims = SIGN_OUT.get(told.get("fault", ""), dict)(claims)
    is_forged = told.get("fault") == "another key"
    key = RSAKey.generate_key(2048, {"kid": "one"}) if is_forged else state.key
    header = {"alg": "RS256", "kid": "one", "typ": "logout+jwt"}
    return web.json_response({"token": jwt.encode(header, claims, key)})


async def _authorize(request: web.Request, state: State) -> web.Response:
    asked = request.query
    is_sound = (
        asked.get("client_id") == CLIENT
        and asked.get("response_type") == "code"
        and "openid" in asked.get("scope", "").split()
        and asked.get("code_challenge_method") == "S256"
        and asked.get("redirect_uri", "").endswith("/sign-in/provider/back")
        and len(asked.get("state", "")) >= 32
        and len(asked.get("nonce", "")) >= 32
    )
    if not is_sound:
        return web.json_response({"error": "invalid_request"}, status=400)
    if not state.login:
        back = urlencode({"error": "access_denied", "state": asked["state"]})
        raise web.HTTPSeeOther(f"{asked['redirect_uri']}?{back}")
    state.asked = {name: asked.get(name) for name in ("prompt", "max_age")}
    if "login" in asked.get("prompt", "").split():
        state.signed_in_at = int(time.time())
    code = secrets.token_urlsafe(24)
    state.codes[code] = Registered(
        state.login, asked["redirect_uri"], asked["code_challenge"], asked["nonce"]
    )
    back = urlencode({"code": code, "state": asked["state"]})
    raise web.HTTPSeeOther(f"{asked['redirect_uri']}?{back}")


async def _token(request: web.Request, state: State) -> web.StreamResponse:
    told = await request.post()
    given = BasicAuth.decode(request.headers.get("Authorization", "Basic Og=="))
    if (given.login, given.password) != (CLIENT, SECRET):
        return web.json_response({"error": "invalid_client"}, status=401)
    found = state.codes.pop(str(told.get("code")), None)
    verifier = sha256(str(told.get("code_verifier")).encode()).digest()
    challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
    is_sound = (
        found is not None
        and told.get("grant_type") == "authorization_code"
        and told.get("redirect_uri") == found.redirect_uri
        and hmac.compare_digest(challenge, found.challenge)
    )
    if found is None or not is_sound:
        return web.json_response({"error": "invalid_grant"}, status=400)
    answer = {"access_token": "unused", "token_type": "Bearer", "id_token": _id_token(state, found)}
    if state.fault == "no token":
        del answer["id_token"]
    return await _in_pieces(request, answer)


def _id_token(state: State, found: Registered) -> str:
    now = int(time.time())
    claims: Claims = {
        "iss": state.issuer,
        "aud": CLIENT,
        "sub": f"subject of {found.login}",
        "iat": now,
        "exp": now + 300,
        "nonce": found.nonce,
        "preferred_username": found.login,
        "auth_time": state.signed_in_at,
        "sid": f"sitting of {found.login}",
    }
    claims = (CLAIMS | AGAIN | FACTORS).get(state.fault, dict)(claims)
    header = {"alg": "RS256", "kid": "one"}
    if state.fault == "alg none":
        parts = [{"alg": "none"}, claims]
        return ".".join(_part(json.dumps(part).encode()) for part in parts) + "."
    if state.fault == "public key as secret":
        pem = state.key.as_pem(private=False)
        text = (
            f"{_part(json.dumps({'alg': 'HS256'}).encode())}.{_part(json.dumps(claims).encode())}"
        )
        return f"{text}.{_part(hmac.new(pem, text.encode(), sha256).digest())}"
    if state.fault == "garbage":
        return "x.y.z"
    other = RSAKey.generate_key(2048, {"kid": "one"}) if state.fault == "other key" else state.key
    return jwt.encode(header, claims, other)


def _part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@contextlib.contextmanager
def run_provider() -> Iterator[str]:
    """The provider as a process of its own; its issuer."""
    port = free_port()
    command = [sys.executable, "-m", "tests.makers.oidc_provider", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    issuer = f"http://127.0.0.1:{port}"
    try:
        _wait(issuer)
        yield issuer
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(issuer: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{issuer}/keys", timeout=2):  # noqa: S310 - our own address
                return
        time.sleep(0.1)
    raise TimeoutError(issuer)


if __name__ == "__main__":
    web.run_app(make_app(int(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[1]), print=None)
