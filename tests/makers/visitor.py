"""A person at the door: an HTTP client that signs in and sends what a page would send."""

import re
import ssl
from types import TracebackType
from typing import Any, Self

import aiohttp

_TOKEN = re.compile(r'name="csrf-token" content="([^"]*)"')


class Visitor:
    """One browser's worth of cookies and its page token."""

    def __init__(
        self,
        base: str,
        *,
        language: str = "zh-Hans",
        prefix: str = "",
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.base, self.prefix = base, prefix
        self.token = ""
        self._session = aiohttp.ClientSession(
            base,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            cookies={"lianzhen_lang": language},
            connector=aiohttp.TCPConnector(ssl=trust or True),
            timeout=aiohttp.ClientTimeout(total=60),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def sign_in(self, login: str, password: str) -> None:
        """Come in by the front door."""
        status, answer = await self.send("/api/sign-in", {"login": login, "password": password})
        assert status == 200, answer
        await self.read_token()

    def come_as(self, session_token: str, page_token: str) -> None:
        """Go on with a session that was opened elsewhere."""
        self._session.cookie_jar.update_cookies({"lianzhen": session_token})
        self.token = page_token

    async def read_token(self) -> None:
        """Read the page token of the session from a page."""
        _status, page = await self.page("/account")
        found = _TOKEN.search(page)
        assert found is not None, "the page carries no token"
        self.token = found.group(1)

    async def page(self, path: str, **options: Any) -> tuple[int, str]:
        """A page as text."""
        headers = {"Accept": "text/html"} | options.pop("headers", {})
        async with self._session.get(self.at(path), headers=headers, **options) as answer:
            return answer.status, await answer.text()

    async def picture(self, path: str) -> tuple[int, bytes]:
        """An image, as an <img> asks for it."""
        async with self._session.get(path, headers={"Accept": "image/*"}) as answer:
            return answer.status, await answer.read()

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        """A JSON answer."""
        async with self._session.get(self.at(path), **options) as answer:
            return answer.status, await answer.json(content_type=None)

    async def send(self, path: str, body: object = None, **options: Any) -> tuple[int, Any]:
        """A step, as the page's script sends it."""
        headers = {"X-CSRF-Token": self.token, "Origin": self.base} | options.pop("headers", {})
        if "data" not in options:
            options["json"] = {} if body is None else body
        async with self._session.post(self.at(path), headers=headers, **options) as answer:
            text = await answer.read()
            if not text:
                return answer.status, {}
            return answer.status, await answer.json(content_type=None)

    def at(self, path: str) -> str:
        """The address of a path, below the prefix unless it stands there already."""
        return path if path.startswith(f"{self.prefix}/") else self.prefix + path

    @property
    def raw(self) -> aiohttp.ClientSession:
        """The bare client, for requests that no page would send."""
        return self._session
