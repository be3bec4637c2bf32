"""A strict reader of iCalendar (RFC 5545): whatever a calendar might stumble over is refused."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_LINE = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[^;:\"]+)*):(.*)", re.DOTALL)
_UTC = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY"}
_TEXT = {"\\\\": "\\", "\\;": ";", "\\,": ",", "\\n": "\n", "\\N": "\n"}


@dataclass(frozen=True)
class Event:
    """One VEVENT."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    status: str
    summary: str


@dataclass(frozen=True)
class Calendar:
    """A VCALENDAR with its method and events."""

    method: str
    events: list[Event]


def read_calendar(content: bytes) -> Calendar:
    """Raises AssertionError for whatever the standard does not allow."""
    lines = [_split(line) for line in _unfolded(content)]
    assert lines[0] == ("BEGIN", "VCALENDAR")
    assert lines[-1] == ("END", "VCALENDAR")
    head, events, current = {}, [], None
    for name, value in lines[1:-1]:
        if (name, value) == ("BEGIN", "VEVENT"):
            assert current is None, "an event inside an event"
            current = dict[str, str]()
        elif (name, value) == ("END", "VEVENT"):
            assert current is not None
            events.append(_event(current))
            current = None
        else:
            part = head if current is None else current
            assert name not in part, f"{name} twice"
            part[name] = value
    assert current is None
    assert head["VERSION"] == "2.0"
    assert head["PRODID"]
    assert len({event.uid for event in events}) == len(events)
    return Calendar(head["METHOD"], events)


def _unfolded(content: bytes) -> list[str]:
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b""), "a bare line feed (section 3.1)"
    lines: list[bytes] = []
    for line in content[:-2].split(b"\r\n"):
        assert len(line) <= 75, "a line longer than 75 octets (section 3.1)"
        line.decode("utf-8")
        if line.startswith(b" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return [line.decode("utf-8") for line in lines]


def _split(line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    assert found, line
    return found[1], found[3]


def _event(told: dict[str, str]) -> Event:
    assert set(told) == _ONCE, set(told) ^ _ONCE
    starts_at, ends_at = _instant(told["DTSTART"]), _instant(told["DTEND"])
    _instant(told["DTSTAMP"])
    assert starts_at < ends_at
    assert told["STATUS"] in {"CONFIRMED", "CANCELLED"}
    return Event(
        uid=told["UID"],
        starts_at=starts_at,
        ends_at=ends_at,
        sequence=int(told["SEQUENCE"]),
        status=told["STATUS"],
        summary=_text(told["SUMMARY"]),
    )


def _instant(text: str) -> datetime:
    assert _UTC.fullmatch(text), text
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _text(text: str) -> str:
    bare = re.sub(r"\\[\\;,nN]", "", text)
    assert not re.search(r"[\\;,]", bare), "a character that is not escaped (section 3.3.11)"
    return re.sub(r"\\[\\;,nN]", lambda found: _TEXT[found[0]], text)
