"""Browsers in which an account has signed in before: strangers' wrong tries do not lock them out.

The cookie holds a random name of the browser, and for each account a keyed hash that binds the two.
It is no credential: it only gives the account a budget of wrong tries of its own in this browser.
"""

import re
import secrets
from typing import Final

from aiohttp import web

from consult.kernel.keys import Vault
from server.auth.peer import is_secure
from server.keys import VAULT
from server.prefix import cookie_path

_COOKIE: Final = "lianzhen_browser"
_SHAPE: Final = re.compile(r"[0-9a-f]{32}(\.[0-9a-f]{32}){0,8}")
_MOST_ACCOUNTS: Final = 8
_HALF_YEAR_S: Final = 180 * 24 * 3600


def known_browser(request: web.Request, login: str) -> str | None:
    """The browser's random name, if this account has signed in with it."""
    browser, marks = _read(request)
    return browser if _mark(request.app[VAULT], browser, login) in marks else None


def remember(request: web.Request, response: web.StreamResponse, login: str) -> None:
    """Bind the account to the browser, beside the last few others of a shared computer."""
    browser, marks = _read(request)
    mark = _mark(request.app[VAULT], browser, login)
    kept = [mark, *(each for each in marks if each != mark)][:_MOST_ACCOUNTS]
    response.set_cookie(
        _COOKIE,
        ".".join([browser, *kept]),
        path=cookie_path(request),
        max_age=_HALF_YEAR_S,
        httponly=True,
        secure=is_secure(request),
        samesite="Strict",
    )


def _read(request: web.Request) -> tuple[str, list[str]]:
    told = request.cookies.get(_COOKIE, "")
    if _SHAPE.fullmatch(told) is None:
        return secrets.token_hex(16), []
    browser, *marks = told.split(".")
    return browser, marks


def _mark(vault: Vault, browser: str, login: str) -> str:
    return vault.blind(f"{browser} {login.casefold()}", purpose="known browser")[:32]
