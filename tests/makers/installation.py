"""A running server whose installation was just set up through its own door."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.makers.house import House
from tests.makers.visitor import Visitor

ADMIN, ADMIN_PASSWORD = "admin", "a long enough password"
OWN_PASSWORD = "a password of my own"
SET_UP = {
    "institution_name": "江州市眼科医院",
    "institution_name_en": "Jiangzhou Eye Hospital",
    "code": "jzeye",
    "tier": "tertiary",
    "name": "郭启航",
    "login": ADMIN,
    "password": ADMIN_PASSWORD,
    "password_again": ADMIN_PASSWORD,
}
_numbers = count(1)


@dataclass
class Installation:
    """The server and its administrator's browser."""

    house: House
    admin: Visitor

    def visitor(self) -> Visitor:
        """Another browser."""
        return Visitor(self.house.base)

    @asynccontextmanager
    async def person(self, *roles: str, at: str | None = None) -> AsyncIterator["Person"]:
        """A new person who has signed in and chosen a password of her own."""
        made = await self.add_person(*roles, at=at)
        async with self.visitor() as visitor:
            await visitor.sign_in(made["login"], made["password"])
            status, answer = await visitor.send(
                "/api/account/password",
                {
                    "password": made["password"],
                    "new_password": OWN_PASSWORD,
                    "new_password_again": OWN_PASSWORD,
                },
            )
            assert status == 200, answer
            yield Person(made["id"], made["login"], visitor)

    async def add_person(self, *roles: str, at: str | None = None) -> dict[str, Any]:
        """A new person with a one-time password."""
        body = {
            "login": f"person{next(_numbers)}",
            "name": "周怀瑾",
            "institution_id": at or await self.institution_id("jzeye"),
            "roles": list(roles) or ["expert"],
        }
        status, answer = await self.admin.send("/api/admin/people", body)
        assert status == 200, answer
        return dict(answer)

    async def add_institution(self, **changes: object) -> str:
        """A new institution, and its id."""
        code = f"site{next(_numbers)}"
        body = {"code": code, "name": f"{code} 卫生院", "tier": "community"} | changes
        status, answer = await self.admin.send("/api/admin/institutions", body)
        assert status == 200, answer
        return await self.institution_id(code)

    async def institution_id(self, code: str) -> str:
        """The id of the institution with this code."""
        _status, answer = await self.admin.get("/api/admin/institutions")
        return next(row["id"] for row in answer["rows"] if row["code"] == code)


@dataclass
class Person:
    """Somebody with a sign-in of her own."""

    id: str
    login: str
    visitor: Visitor
