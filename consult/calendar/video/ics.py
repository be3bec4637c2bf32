"""Sessions as iCalendar (RFC 5545): times in UTC, the case's number and nothing of a patient."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from consult.calendar.video.model import SessionStatus, VideoSession

_LONGEST_LINE: Final = 75
"""Octets of a line without its end (RFC 5545 section 3.1)."""
_ENDED: Final = frozenset({SessionStatus.CANCELLED, SessionStatus.LAPSED})


def make_calendar(sessions: Sequence[VideoSession], *, title: str, is_feed: bool) -> bytes:
    """A calendar; a file that holds nothing but ended sessions takes them back (RFC 5546 3.2.5)."""
    takes_back = not is_feed and bool(sessions) and all(_is_ended(each) for each in sessions)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lianzhen//Video consultations//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:CANCEL" if takes_back else "METHOD:PUBLISH",
    ]
    for session in sessions:
        lines += _event(session, title=title)
    lines.append("END:VCALENDAR")
    return b"".join(line + b"\r\n" for text in lines for line in _folded(text))


def _event(session: VideoSession, *, title: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{session.id}@lianzhen"
    yield f"DTSTAMP:{_instant(session.changed_at)}"
    yield f"DTSTART:{_instant(session.starts_at)}"
    yield f"DTEND:{_instant(session.ends_at)}"
    yield f"SEQUENCE:{session.sequence}"
    yield f"STATUS:{'CANCELLED' if _is_ended(session) else 'CONFIRMED'}"
    yield f"SUMMARY:{_escaped(title)} {_escaped(session.case_number)}"
    yield "END:VEVENT"


def _is_ended(session: VideoSession) -> bool:
    return session.status in _ENDED


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """As RFC 5545 section 3.3.11 says."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(text: str) -> Iterator[bytes]:
    """Parts of a line, none cut inside a character."""
    part = b""
    for letter in text:
        written = letter.encode()
        if len(part) + len(written) > _LONGEST_LINE:
            yield part
            part = b" "
        part += written
    yield part
