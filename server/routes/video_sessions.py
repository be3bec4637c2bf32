"""The video sessions of a case: booked, moved, cancelled, taken into a calendar."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from consult.access.model import Action, ObjectType
from consult.calendar.video import service as sessions
from consult.calendar.video.model import VideoSession, Wish
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from server.doors import Routes
from server.forms import Body, Text, parse_body
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.typed import Version
from server.views import video_sessions as views
from server.views.sign_in import as_json

routes = Routes("video_sessions")
_WANTED = r"^[0-9a-f]{32}@20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:00Z$"
Wanted = Annotated[str, StringConstraints(pattern=_WANTED)]


class BookBody(Body):
    """A free session, as the page names it: the expert and when it begins."""

    wanted: Wanted


class MoveBody(Body):
    """Another free session in the place of one that is booked."""

    version: Version
    wanted: Wanted
    reason: Text = ""


class CancelBody(Body):
    """Why a session does not take place."""

    version: Version
    reason: Text


@routes.get(
    "/api/cases/{case_id}/video-sessions",
    action=Action.SEE_SCHEDULE,
    owns=ObjectType.CASE,
    answer=views.SessionsAnswer,
)
async def index(request: web.Request) -> web.Response:
    """The sessions of a case."""
    found = await in_read(request, _sessions, path_id(request, "case_id"))
    return as_json(views.SessionsAnswer(sessions=[views.as_answer(each) for each in found]))


@routes.post(
    "/api/cases/{case_id}/video-sessions",
    action=Action.BOOK_SESSION,
    owns=ObjectType.CASE,
    body=BookBody,
    answer=views.SessionAnswer,
)
async def book(request: web.Request) -> web.Response:
    """Book a free session."""
    body = await parse_body(request, BookBody)
    session = await in_unit(
        request,
        sessions.book_session,
        case_id=path_id(request, "case_id"),
        wish=_wish(body.wanted),
        rules=request.app[RULES].booking.video,
    )
    return as_json(views.as_answer(session))


@routes.post(
    "/api/cases/{case_id}/video-sessions/{session_id}/move",
    action=Action.SEE_SCHEDULE,
    owns=ObjectType.CASE,
    body=MoveBody,
    answer=views.SessionAnswer,
)
async def move(request: web.Request) -> web.Response:
    """Give a session another time."""
    body = await parse_body(request, MoveBody)
    session = await in_unit(
        request,
        sessions.move_session,
        case_id=path_id(request, "case_id"),
        session_id=path_id(request, "session_id"),
        sequence=body.version - 1,
        wish=_wish(body.wanted, body.reason),
        rules=request.app[RULES].booking.video,
    )
    return as_json(views.as_answer(session))


@routes.post(
    "/api/cases/{case_id}/video-sessions/{session_id}/cancel",
    action=Action.SEE_SCHEDULE,
    owns=ObjectType.CASE,
    body=CancelBody,
    answer=views.SessionAnswer,
)
async def cancel(request: web.Request) -> web.Response:
    """Cancel a session, with the reason that the other side reads."""
    body = await parse_body(request, CancelBody)
    session = await in_unit(
        request,
        sessions.cancel_session,
        case_id=path_id(request, "case_id"),
        session_id=path_id(request, "session_id"),
        sequence=body.version - 1,
        reason=body.reason,
    )
    return as_json(views.as_answer(session))


@routes.get(
    "/api/cases/{case_id}/video-sessions/news",
    action=Action.SEE_SCHEDULE,
    owns=ObjectType.CASE,
    answer=views.NewsAnswer,
)
async def news(request: web.Request) -> web.Response:
    """What the reader is told at once of the newest session, where others acted on it."""
    found = await in_read(request, _sessions, path_id(request, "case_id"))
    return as_json(views.news_of(request, found[0] if found else None))


@routes.get("/cases/{case_id}/video-session.ics", action=Action.SEE_SCHEDULE, owns=ObjectType.CASE)
async def take(request: web.Request) -> web.Response:
    """The newest session for a calendar; a cancelled one takes itself back there."""
    found = await in_read(request, _sessions, path_id(request, "case_id"))
    return views.as_calendar(request, found[:1], is_feed=False)


def _sessions(work: Work, case_id: str) -> list[VideoSession]:
    return sessions.list_of_case(work, sessions.get_case_of_side(work, case_id))


def _wish(wanted: str, reason: str = "") -> Wish:
    """Raises RefusedError for a day that no month has."""
    expert_id, _, at = wanted.partition("@")
    try:
        return Wish(expert_id, datetime.fromisoformat(at), reason)
    except ValueError:
        raise RefusedError("field-malformed", field="wanted") from None
