"""A person's schedule of video sessions, its subscription address, and an expert's windows."""

from datetime import time, timedelta
from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action
from consult.calendar.clinics import Publication
from consult.calendar.video import feeds, service, service_offer
from consult.calendar.video.model import VideoSession
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work
from consult.people.practitioners.model import PersonName
from server.auth.cookies import hash_token, make_token
from server.auth.peer import is_secure
from server.booking_forms import Clock, Minutes, Weekday
from server.doors import Routes
from server.forms import Body, Id, Text, parse_body
from server.i18n import N_
from server.keys import MEDIA, RULES, SETTINGS
from server.pages import render
from server.prefix import PREFIX
from server.requests import language, path_id, signed_in
from server.transactions import as_system_read, in_read, in_unit
from server.typed import Day
from server.views import schedule as views
from server.views.sign_in import as_json, in_tongue
from server.views.video_sessions import as_calendar
from server.week import asked_id, asked_week

routes = Routes("schedule")
_AROUND = timedelta(days=60)
_LONGEST_TOKEN = 64
Reason = Annotated[Text, Field(max_length=500)]


class WindowBody(Body):
    """Weekly times for sessions: wall-clock times at the expert's institution."""

    expert_id: Id | None = None
    day_from: Day
    day_until: Day
    weekdays: list[Weekday] = Field(default=[], max_length=7)
    start: Clock
    end: Clock
    minutes: Minutes


class EndBody(Body):
    """Why sessions lapse by this."""

    reason: Reason = ""


class LeaveBody(Body):
    """Days on which the expert holds no session and takes no case, and who stands in."""

    expert_id: Id | None = None
    day_from: Day
    day_until: Day
    reason: Reason = ""
    substitute_id: Id | None = None


@routes.get("/schedule", action=Action.SEE_SCHEDULE)
async def show(request: web.Request) -> web.Response:
    """One week."""
    rules = request.app[RULES]
    page = await in_read(
        request, views.make_page, week=asked_week(request), rules=rules.booking.video
    )
    actor = signed_in(request).actor
    return await render(
        request,
        "schedule/show.html",
        title=N_("My schedule"),
        page=page,
        may_offer=rules.roles.permits(actor, Action.OFFER_SESSION),
        may_book=rules.roles.permits(actor, Action.BOOK_SESSION),
        has_video=MEDIA in request.app and rules.roles.permits(actor, Action.ENTER_ROOM),
    )


@routes.get("/schedule/windows", action=Action.OFFER_SESSION)
async def windows(request: web.Request) -> web.Response:
    """What an expert offers."""
    page = await in_read(request, views.make_windows, expert_id=asked_id(request, "expert"))
    tongue = language(request)
    choices = [(code, _said_in(tongue, who)) for code, who in page.experts]
    return await render(
        request,
        "schedule/windows.html",
        title=N_("Times for video consultations"),
        page=page,
        choices=choices,
        substitutes=[(code, _said_in(tongue, who)) for code, who in page.substitutes],
        rules=request.app[RULES].booking.video,
    )


@routes.post(
    "/api/video-windows", action=Action.OFFER_SESSION, body=WindowBody, answer=views.WindowAnswer
)
async def add_window(request: web.Request) -> web.Response:
    """Offer sessions every week."""
    body = await parse_body(request, WindowBody)
    window = await in_unit(
        request,
        service_offer.add_window,
        publication=Publication(
            day_from=body.day_from,
            day_until=body.day_until,
            weekdays=frozenset(body.weekdays),
            start=time.fromisoformat(body.start),
            end=time.fromisoformat(body.end),
            minutes=body.minutes,
        ),
        rules=request.app[RULES].booking.video,
        expert_id=body.expert_id,
    )
    return _done(0, window.expert_id)


@routes.post(
    "/api/video-windows/{window_id}/end",
    action=Action.OFFER_SESSION,
    body=EndBody,
    answer=views.WindowAnswer,
)
async def end_window(request: web.Request) -> web.Response:
    """Offer these times no more; booked sessions lapse, and the clinics are told."""
    body = await parse_body(request, EndBody)
    lapsed = await in_unit(
        request,
        service_offer.end_window,
        window_id=path_id(request, "window_id"),
        reason=body.reason,
    )
    return _done(lapsed)


@routes.post(
    "/api/video-leaves", action=Action.OFFER_SESSION, body=LeaveBody, answer=views.WindowAnswer
)
async def add_leave(request: web.Request) -> web.Response:
    """Be away on these days: booked sessions lapse, and taken cases go back."""
    body = await parse_body(request, LeaveBody)
    begun = await in_unit(
        request,
        service_offer.add_leave,
        new=service_offer.NewLeave(body.day_from, body.day_until, body.reason, body.substitute_id),
        rules=request.app[RULES].booking.video,
        limits=request.app[RULES].queue,
        expert_id=body.expert_id,
    )
    return _done(begun.lapsed, body.expert_id, returned=begun.returned)


@routes.post(
    "/api/video-leaves/{leave_id}/end", action=Action.OFFER_SESSION, answer=views.WindowAnswer
)
async def end_leave(request: web.Request) -> web.Response:
    """Be there on these days after all."""
    await in_unit(request, service_offer.end_leave, leave_id=path_id(request, "leave_id"))
    return _done(0)


@routes.post("/api/schedule/address", action=Action.SEE_SCHEDULE, answer=views.AddressAnswer)
async def make_address(request: web.Request) -> web.Response:
    """An address to which a calendar subscribes; it is said this once, and replaces the last."""
    token = make_token()
    await in_unit(request, feeds.make_feed, token_hash=hash_token(token))
    return as_json(views.AddressAnswer(address=f"{_base(request)}/schedule/feed/{token}.ics"))


@routes.post("/api/schedule/address/remove", action=Action.SEE_SCHEDULE, answer=views.WindowAnswer)
async def remove_address(request: web.Request) -> web.Response:
    """The address opens nothing any more."""
    await in_unit(request, feeds.drop_feed)
    return as_json(views.WindowAnswer(lapsed=0, location="/schedule"))


@routes.get("/schedule/feed/{token}.ics", public=True)
async def feed(request: web.Request) -> web.Response:
    """A person's sessions for the calendar that knows her address: case numbers, no patient."""
    token = request.match_info["token"]
    if len(token) > _LONGEST_TOKEN:
        raise NotFoundError
    found = await as_system_read(request.app, _of_feed, token_hash=hash_token(token))
    return as_calendar(request, found, is_feed=True)


def _base(request: web.Request) -> str:
    """How the person herself reaches this server, or how its operator says that others do."""
    scheme = "https" if is_secure(request) else "http"
    said = request.app[SETTINGS].public_url or f"{scheme}://{request.host}"
    return said.rstrip("/") + request.app[PREFIX].text


def _said_in(tongue: str, who: PersonName) -> str:
    """A person's name in the reader's language."""
    return in_tongue(tongue, who.name, who.name_en)


def _of_feed(work: Work, *, token_hash: str) -> list[VideoSession]:
    return service.list_feed(work, feeds.owner_of(work, token_hash), around=_AROUND)


def _done(lapsed: int, expert_id: str | None = None, *, returned: int = 0) -> web.Response:
    location = "/schedule/windows" + (f"?expert={expert_id}" if expert_id else "")
    return as_json(views.WindowAnswer(lapsed=lapsed, returned=returned, location=location))
