"""The one way in which either side's booking page is answered."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from consult.kernel.errors import RefusedError
from server.i18n import N_
from server.keys import RULES
from server.moments import format_promise
from server.pages import render
from server.prefix import asked_of
from server.requests import language
from server.transactions import in_read, utc_now
from server.views.booking import Asked, BookingPage
from server.week import asked_id, asked_week

_CHANGE = "1"


async def show_booking(
    request: web.Request, make: Callable[..., BookingPage | None], *, ended: str = "", **of: str
) -> web.Response:
    """Draw the page that `make` reads; where there is none any more, go where `ended` says."""
    page = await in_read(
        request, make, book=request.app[RULES].booking, asked=_asked(request), **of
    )
    if page is None:
        return _see(ended)
    if page.grid is not None and "week" not in request.query:
        # the page redraws itself: with its week in the address no other week takes its place
        return _see(asked_of(request, week=page.grid.monday.isoformat()))
    return await render(
        request,
        "booking/show.html",
        title=N_("Change the time") if page.is_change else N_("Book the referral"),
        page=page,
        urgency_choices=request.app[RULES].terms.choices(language(request), "referral_urgency"),
        **times(request),
    )


def times(request: web.Request) -> dict[str, Any]:
    """Moments in words, in the zone of the place where they are meant."""
    tongue = language(request)
    return {
        "when": lambda at, zone: format_promise(at, zone=zone, language=tongue),
        "clock": lambda at, zone: f"{at.astimezone(ZoneInfo(zone)):%H:%M}",
        "now": utc_now(),
    }


def _asked(request: web.Request) -> Asked:
    change = request.query.get("change")
    if change not in {None, _CHANGE}:
        raise RefusedError("field-not-a-choice", field="change")
    return Asked(week=asked_week(request), at=asked_id(request, "at"), change=change == _CHANGE)


def _see(address: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": address})
