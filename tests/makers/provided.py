"""A server that knows an identity provider, and the ways there and back, for its tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.makers.house import House, open_house
from tests.makers.oidc_faults import CLIENT
from tests.makers.oidc_provider import SECRET
from tests.makers.visitor import Visitor


@contextmanager
def open_provided(folder: Path, issuer: str) -> Iterator[House]:
    """It takes passwords from administrators only."""
    (folder / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    settings = {
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT,
        "oidc_secret_file": str(folder / "secret"),
        "oidc_name": "医院统一身份认证",
        "password_sign_in": "false",
    }
    with open_house(folder / "data", **settings) as house:
        yield house


async def at_provider(issuer: str, login: str, fault: str = "") -> dict[str, Any]:
    """Who is signed in there, and what is wrong with the next token; what it was last asked."""
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{issuer}/test", json={"login": login, "fault": fault}) as answer:
            return dict((await answer.json())["asked"])


async def leave(
    visitor: Visitor, going: str = "", *, again: bool = False, attempt: str = ""
) -> str:
    """To the provider; its answer leads to this address."""
    asked = f"/again?attempt={attempt}" if again else f"?next={going}" if going else ""
    path = f"/sign-in/provider{asked}"
    async with visitor.raw.get(path, allow_redirects=False) as answer:
        assert answer.status == 303
        there = answer.headers["Location"]
    async with aiohttp.ClientSession() as session:
        async with session.get(there, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            return answer.headers["Location"]


async def come_back(visitor: Visitor, address: str) -> tuple[int, str, Any]:
    """From the provider: status, where to, and what was refused."""
    parts = urlsplit(address)
    path = f"{parts.path}?{parts.query}"
    async with visitor.raw.get(path, allow_redirects=False, headers={"Accept": "*/*"}) as answer:
        location = answer.headers.get("Location", "")
        told = await answer.json(content_type=None) if answer.status >= 400 else None
        return answer.status, location, told


async def sign_out_token(issuer: str, **told: str) -> str:
    """The logout token that the provider would send."""
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{issuer}/test/sign-out", json=told) as answer:
            return str((await answer.json())["token"])
