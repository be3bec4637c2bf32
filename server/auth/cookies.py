"""The session cookie: an opaque random token, of which only the SHA-256 is kept."""

import secrets
from hashlib import sha256
from typing import Final

from aiohttp import web

from server.auth.peer import is_secure
from server.prefix import PREFIX, cookie_path

# `__Host-` binds the cookie to this host over TLS (ASVS 5.0 3.3.1); browsers refuse the prefix on
# plain HTTP, where loopback is the only place from which people sign in. It also asks for the path
# `/`: on a name that others share the token must not be sent to them, so there it is `__Secure-`.
_SECURE_NAME: Final = "__Host-lianzhen"
_SHARED_NAME: Final = "__Secure-lianzhen"
_PLAIN_NAME: Final = "lianzhen"
_GUEST: Final = "-guest"
_TELEPHONE: Final = "-papers"
LANGUAGE_COOKIE: Final = "lianzhen_lang"
_RAN_OUT: Final = "lianzhen_ran_out"
_RAN_OUT_S: Final = 12 * 3600
_TOKEN_BYTES: Final = 32
_LONGEST_TOKEN: Final = 64
_YEAR_S: Final = 365 * 24 * 3600


def make_token() -> str:
    """A new token of 256 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode()).hexdigest()


def read_token(request: web.Request) -> str | None:
    """The token that the browser sent, if it could be one of ours."""
    token = request.cookies.get(_name(request), "")
    return token if 0 < len(token) <= _LONGEST_TOKEN and token.isascii() else None


def set_token(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Have the browser send the token until it is closed: clinics share their computers (U18)."""
    response.set_cookie(
        _name(request),
        token,
        path=cookie_path(request),
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )


def read_guest(request: web.Request) -> str | None:
    """The token of whoever came by a link: another cookie, which no other door reads."""
    token = request.cookies.get(_name(request) + _GUEST, "")
    return token if 0 < len(token) <= _LONGEST_TOKEN and token.isascii() else None


def set_guest(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Have this browser be the guest's until it is closed, or the room is over."""
    response.set_cookie(
        _name(request) + _GUEST,
        token,
        path=cookie_path(request),
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )


def read_telephone(request: web.Request) -> str | None:
    """The token of a telephone that photographs papers: a cookie that no other door reads."""
    token = request.cookies.get(_name(request) + _TELEPHONE, "")
    return token if 0 < len(token) <= _LONGEST_TOKEN and token.isascii() else None


def set_telephone(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Have this browser be the telephone of one link until it is closed, or the link is over."""
    response.set_cookie(
        _name(request) + _TELEPHONE,
        token,
        path=cookie_path(request),
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )


def clear_token(request: web.Request, response: web.StreamResponse) -> None:
    """Have the browser forget the token."""
    response.del_cookie(
        _name(request),
        path=cookie_path(request),
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )


def mark_ran_out(request: web.Request, response: web.StreamResponse) -> None:
    """Remember that a session ended in this browser and nobody signed out."""
    response.set_cookie(
        _RAN_OUT,
        "1",
        path=cookie_path(request, "/sign-in"),
        max_age=_RAN_OUT_S,
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )


def ran_out_here(request: web.Request) -> bool:
    """Whether one did, and nobody has come in since."""
    return request.cookies.get(_RAN_OUT) is not None


def forget_ran_out(request: web.Request, response: web.StreamResponse) -> None:
    """Somebody has been asked who she is."""
    response.del_cookie(_RAN_OUT, path=cookie_path(request, "/sign-in"))


def set_language(request: web.Request, response: web.StreamResponse, language: str) -> None:
    """Remember a language for whoever uses this browser."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        path=cookie_path(request),
        max_age=_YEAR_S,
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )


def _name(request: web.Request) -> str:
    if not is_secure(request):
        return _PLAIN_NAME
    return _SHARED_NAME if request.app[PREFIX].text else _SECURE_NAME
