"""An open signing window, in the signer's words."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from consult.people.sessions.model import BY_PROVIDER, Window
from server.i18n import N_
from server.keys import LANGUAGES, RULES
from server.moments import format_moment
from server.requests import language, signed_in, zone_of

_MINUTE_S: Final = 60

_OPEN = N_("Signing window until {time}; {n} more reports. Each is signed by itself.")


@dataclass(frozen=True, slots=True)
class SigningWords:
    """What the dialog that opens a window says and asks."""

    lasts_min: int
    idle_min: int
    reports: int
    asks_code: bool
    lacks_factor: bool


def signing_words(request: web.Request) -> SigningWords:
    """The bounds of a window, and what this person is asked for it."""
    person, rules = signed_in(request), request.app[RULES].signing.window
    by_us = person.signed_in_by != BY_PROVIDER
    return SigningWords(
        lasts_min=int(rules.lasts.total_seconds()) // _MINUTE_S,
        idle_min=int(rules.idle.total_seconds()) // _MINUTE_S,
        reports=rules.reports,
        asks_code=person.has_second_factor,
        lacks_factor=by_us and rules.needs_second_factor and not person.has_second_factor,
    )


class WindowAnswer(BaseModel):
    """Until when, for how many reports still, and both in a sentence."""

    until: str
    reports_left: int
    sentence: str


class WindowEnded(BaseModel):
    """Every report is signed by itself again."""


def of_window(request: web.Request, window: Window) -> WindowAnswer:
    """The window as a page shows it."""
    tongue = language(request)
    time = format_moment(window.until, zone=zone_of(request), language=tongue)
    text = request.app[LANGUAGES].text(tongue, _OPEN)
    return WindowAnswer(
        until=window.until.isoformat(),
        reports_left=window.reports_left,
        sentence=text.format(time=time, n=window.reports_left),
    )
