"""What the page of the second factor shows."""

from dataclasses import dataclass
from datetime import datetime

import segno
from aiohttp import web
from markupsafe import Markup
from pydantic import BaseModel

from consult.people.second_factors.model import SecondFactor, make_address
from server.keys import RULES
from server.requests import signed_in

_GROUP = 4


class RecoveryCodes(BaseModel):
    """Codes for the paper, shown once."""

    codes: str


@dataclass(frozen=True, slots=True)
class Setup:
    """The secret while the app is being set up: as a picture, and in groups to be typed."""

    picture: Markup
    secret: str


@dataclass(frozen=True, slots=True)
class SecondFactorView:
    """The whole page."""

    is_set_up: bool
    is_required: bool
    set_up_at: datetime | None
    codes_left: int
    setup: Setup | None


def of_second_factor(
    request: web.Request, present: SecondFactor, pending: str | None
) -> SecondFactorView:
    """The page of the signed-in person."""
    person = signed_in(request)
    rules = request.app[RULES].sign_in.second_factor
    return SecondFactorView(
        is_set_up=present.is_set_up,
        is_required=rules.is_due(person.actor.roles),
        set_up_at=present.set_up_at,
        codes_left=present.codes_left,
        setup=None if pending is None else _setup(pending, person.login),
    )


def _setup(secret: str, login: str) -> Setup:
    """Drawn here, in the page itself: the secret is in no address and at nobody else's server."""
    drawn = segno.make(make_address(secret, login=login), error="m", micro=False)
    picture = drawn.svg_inline(omitsize=True, svgclass="qr", lineclass=None)
    groups = [secret[start : start + _GROUP] for start in range(0, len(secret), _GROUP)]
    return Setup(picture=Markup(picture), secret=" ".join(groups))  # noqa: S704 - drawn by the library from our own letters
