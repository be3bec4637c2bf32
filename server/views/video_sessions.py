"""Sessions as JSON, and what a person is told of one at once."""

from collections.abc import Sequence
from datetime import UTC

from aiohttp import hdrs, web
from pydantic import BaseModel

from consult.calendar.video.ics import make_calendar
from consult.calendar.video.model import SessionAct, VideoSession
from server.i18n import N_
from server.keys import LANGUAGES
from server.moments import format_promise
from server.requests import language, signed_in

TITLE = N_("Video consultation")
NEWS = {
    SessionAct.BOOKED: N_("Video consultation booked for {time}, case {number}"),
    SessionAct.MOVED: N_("Video consultation moved to {time}, case {number}"),
    SessionAct.CANCELLED: N_("Video consultation of {time} cancelled, case {number}"),
    SessionAct.LAPSED: N_("Video consultation of {time} cannot take place, case {number}"),
    SessionAct.REMINDED: N_("Your video consultation begins {time}, case {number}"),
}


class SessionAnswer(BaseModel):
    """One session; `version` is sent back with a change."""

    id: str
    case_id: str
    expert_id: str
    doctor_id: str
    starts_at: str
    ends_at: str
    status: str
    version: int
    location: str


class SessionsAnswer(BaseModel):
    """The sessions of a case, the newest booking first."""

    sessions: list[SessionAnswer]


class NewsAnswer(BaseModel):
    """What is told of a case's session; empty for whoever takes no part, or did it herself."""

    sentence: str
    location: str


def as_answer(session: VideoSession) -> SessionAnswer:
    """One session."""
    return SessionAnswer(
        id=session.id,
        case_id=session.case_id,
        expert_id=session.expert_id,
        doctor_id=session.doctor_id,
        starts_at=session.starts_at.astimezone(UTC).isoformat(),
        ends_at=session.ends_at.astimezone(UTC).isoformat(),
        status=session.status,
        version=version_of(session),
        location=f"/cases/{session.case_id}",
    )


def version_of(session: VideoSession) -> int:
    """What a page sends back: it counts with every move, and not with a reminder."""
    return session.sequence + 1


def news_of(request: web.Request, session: VideoSession | None) -> NewsAnswer:
    """The newest act of others on a session of hers, in the reader's language."""
    person = signed_in(request)
    if session is None or not session.is_for(person.actor.person):
        return NewsAnswer(sentence="", location="")
    if session.acted_by == person.actor.person:
        return NewsAnswer(sentence="", location="")
    tongue = language(request)
    text = request.app[LANGUAGES].text(tongue, NEWS[session.act])
    time = format_promise(session.starts_at, zone=person.zone, language=tongue)
    return NewsAnswer(
        sentence=text.format(time=time, number=session.case_number),
        location=f"/cases/{session.case_id}#session",
    )


def as_calendar(
    request: web.Request, found: Sequence[VideoSession], *, is_feed: bool
) -> web.Response:
    """Sessions as iCalendar, for a file or a subscription."""
    title = request.app[LANGUAGES].text(language(request), TITLE)
    return web.Response(
        body=make_calendar(found, title=title, is_feed=is_feed),
        content_type="text/calendar",
        charset="utf-8",
        headers={
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.CONTENT_DISPOSITION: 'attachment; filename="video-consultation.ics"',
        },
    )
