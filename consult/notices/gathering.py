"""What of the journal people are told outside the page: read once, line after line (Q-13)."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from consult.cases import service as cases
from consult.cases.advance import service as advance
from consult.cases.model import Case, Priority
from consult.journal import service as journal
from consult.journal.model import Line
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.notices import store
from consult.notices.addressees import people_told
from consult.notices.model import (
    ALWAYS_TOLD,
    NoticeEvent,
    NoticeRules,
    NoticeState,
    time_to_send,
)
from consult.notices.tables import NoticeRow
from consult.people.organisations import zones
from consult.queue import absence, triage

_E = NoticeEvent
EVENTS: Final[Mapping[str, NoticeEvent]] = MappingProxyType(
    {
        "case.assigned": _E.WAITING,
        "case.reassigned": _E.WAITING,
        "case.forwarded": _E.WAITING,
        absence.BEGUN: _E.WAITING,
        absence.STOOD_IN: _E.WAITING,
        absence.REROUTED: _E.WAITING,
        triage.ALLOTTED: _E.WAITING,
        "case.accept_near": _E.PROMISE_NEAR,
        "case.report_near": _E.PROMISE_NEAR,
        "case.accept_missed": _E.PROMISE_MISSED,
        "case.report_missed": _E.PROMISE_MISSED,
        "case.returned": _E.RETURNED,
        "case.expired": _E.ENDED,
        "case.rejected": _E.ENDED,
        "case.submission_dropped": _E.NOT_SUBMITTED,
        "case.reported": _E.ANSWERED,
        "case.amended": _E.AMENDED,
        "case.retracted": _E.AMENDED,
        "case.escalated": _E.DECLINED,
        advance.FILES_LATE: _E.NOT_SUBMITTED,
        "video_session.reminded": _E.SESSION,
        "referral.requested": _E.REFERRAL,
        "referral.unanswered": _E.REFERRAL,
        "referral.accepted": _E.REFERRAL,
        "referral.booked": _E.REFERRAL,
        "referral.rebooked": _E.REFERRAL,
        "referral.noshow": _E.REFERRAL,
        "referral.requeued": _E.REFERRAL,
        "referral.unbooked": _E.REFERRAL,
        "referral.upgraded": _E.REFERRAL,
        "referral.redirected": _E.REFERRAL,
        "referral.returned": _E.REFERRAL,
        "referral.declined": _E.REFERRAL,
        "room.rang": _E.RING,
        "alert.raised": _E.URGENT_ALERT,
        "alert.rehomed": _E.URGENT_ALERT,
        "alert.escalated": _E.URGENT_ALERT,
    }
)
_AT_ONCE: Final = frozenset({_E.RING, _E.URGENT_ALERT})
_PRESSING: Final = frozenset({Priority.EMERGENCY, Priority.URGENT})
_MOST_WAYS: Final = 500


def is_behind(work: Work) -> bool:
    """Whether the journal has lines that were not read for notices."""
    at = store.find_cursor(work.session)
    return at is None or bool(journal.lines_after(work.session, at, limit=1))


def gather(work: Work, *, rules: NoticeRules) -> None:
    """Read the next lines of the journal, and write what people are told of them (a clock's step).

    The first time it begins at the journal's present end: nobody is told of what is long past.
    """
    at = store.find_cursor(work.session)
    if at is None:
        store.save_cursor(work.session, journal.head(work.session)[0])
        return
    lines = journal.lines_after(work.session, at)
    for line in lines:
        event = EVENTS.get(line.kind)
        if event is not None and line.case_id is not None:
            _write(work, line, event, cases.get_case(work, line.case_id), rules=rules)
    if lines:
        store.save_cursor(work.session, lines[-1].position)


def _write(work: Work, line: Line, event: NoticeEvent, case: Case, *, rules: NoticeRules) -> None:
    told = people_told(work, line, event, case)
    if not told:
        return
    is_urgent = event in _AT_ONCE or case.priority in _PRESSING or _is_soon(line, event, rules)
    for row in store.list_rows(work.session, told, limit=_MOST_WAYS):
        way = store.way_of(row, address="")
        if event not in way.events | ALWAYS_TOLD:
            continue
        zones.keep_zone(work.session, way.zone)
        notice = NoticeRow(
            id=new_id(),
            way_id=way.id,
            position=line.position,
            event=event,
            case_id=case.id,
            case_number=case.number,
            is_urgent=is_urgent,
            made_at=work.now,
            send_at=time_to_send(way, now=work.now, is_urgent=is_urgent),
            state=NoticeState.WAITING,
        )
        store.save_notice(work.session, notice)
        if is_urgent:
            store.wake(work.session, way.id, at=work.now + rules.wait_after(1))
    work.session.flush()


def _is_soon(line: Line, event: NoticeEvent, rules: NoticeRules) -> bool:
    if event is NoticeEvent.REFERRAL:
        return line.codes.get("urgency") == "emergency"
    minutes = line.codes.get("minutes")
    if event is not NoticeEvent.SESSION or not isinstance(minutes, int):
        return False
    return timedelta(minutes=minutes) <= rules.soon
