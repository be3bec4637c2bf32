"""A case's history in plain words: who did what, when, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from consult.journal.model import Line
from consult.people.practitioners.model import PersonName
from server.i18n import N_
from server.keys import LANGUAGES, RULES
from server.moments import format_moment, format_promise
from server.requests import language, signed_in

_ICONS = {
    "case.drafted": "plus",
    "case.answers_saved": "pen",
    "case.priority_overridden": "flag",
    "case.service_changed": "swap",
    "case.submitted": "up",
    "case.assigned": "list",
    "case.claimed": "pen",
    "case.reading": "eye",
    "case.reported": "doc2",
    "case.returned": "undo",
    "case.expired": "alert",
    "case.escalated": "alert",
    "case.accept_near": "clock",
    "case.accept_missed": "alert",
    "case.backup_missing": "alert",
    "case.report_near": "clock",
    "case.report_missed": "alert",
    "case.forwarded": "swap",
    "image.replaced": "rotate",
    "case.withdrawn": "undo",
    "case.declined": "x",
    "case.cancelled": "x",
    "case.acknowledged": "check",
    "case.decided": "ok",
    "referral.accepted": "check",
    "referral.returned": "undo",
    "referral.redirected": "swap",
    "referral.upgraded": "up",
    "case.amended": "pen",
    "case.retracted": "x",
    "case.corrected": "swap",
    "case.closed": "ok",
    "emergency.opened": "alert",
    "consent.recorded": "shield",
    "consent.withdrawn": "x",
}
_BY_ITSELF = frozenset(
    {
        *("case.assigned", "case.escalated", "case.expired", "case.lease_expired"),
        *("case.leave_began", "case.stood_in", "case.backup_missing"),
        *("case.accept_near", "case.accept_missed", "case.report_near", "case.report_missed"),
        "own_reading.awaited",
    }
)
_PROMISED = N_("Report promised by {time}")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline."""

    at_iso: str
    at_text: str
    icon: str
    who: str
    text: str
    why: str
    href: str = ""


def of_lines(
    request: web.Request, lines: Sequence[Line], names: Mapping[str, PersonName]
) -> list[Event]:
    """The lines that have words, newest first."""
    told = [event for line in lines if (event := _event(request, line, names)) is not None]
    return [
        event
        for event, newer in zip(told, [None, *told], strict=False)
        if newer is None or (event.who, event.text) != (newer.who, newer.text) or event.why
    ]


def name_of(request: web.Request, name: PersonName | None) -> str:
    """A person's name in the reader's language."""
    if name is None:
        return ""
    return name.name_en if language(request) == "en" and name.name_en else name.name


def _event(request: web.Request, line: Line, names: Mapping[str, PersonName]) -> Event | None:
    terms, tongue = request.app[RULES].terms, language(request)
    subject, _, act = line.kind.partition(".")
    text = terms.text(tongue, f"entry_{subject}", act)
    if text == act:
        return None
    by = line.practitioner_id or ""
    return Event(
        at_iso=line.at.isoformat(),
        at_text=format_moment(line.at, zone=signed_in(request).zone, language=tongue),
        icon=_ICONS.get(line.kind, "info"),
        who="" if line.kind in _BY_ITSELF else name_of(request, names.get(by)),
        text=text,
        why=_why(request, line),
        href=f"#call-{line.codes['room']}" if line.kind.startswith("room.") else "",
    )


def _why(request: web.Request, line: Line) -> str:
    tongue = language(request)
    told = [line.words["reason"]] if line.words.get("reason") else []
    if line.reason:
        told.append(request.app[RULES].terms.text(tongue, "entry_reason", line.reason))
    promised = line.codes.get("report_by")
    if line.kind == "case.submitted" and isinstance(promised, str):
        at = datetime.fromisoformat(promised)
        time = format_promise(at, zone=signed_in(request).zone, language=tongue)
        told.append(request.app[LANGUAGES].text(tongue, _PROMISED).format(time=time))
        if isinstance(counted := line.codes.get("counted"), str):
            told.append(request.app[RULES].terms.text(tongue, "promise_counted", counted))
    return " · ".join(told)
