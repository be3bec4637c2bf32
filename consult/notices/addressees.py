"""Whom a line of the journal is about, as far as she works where it concerns her today (Q-13)."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from consult.access import policy
from consult.cases.accountable import physician_of
from consult.cases.advance.service import FILES_LATE
from consult.cases.events import case_ref
from consult.cases.model import Case, CaseStatus
from consult.journal.model import Line
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.notices.model import ALWAYS_TOLD, NoticeEvent
from consult.people.duty import service as duty
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.queue import absence, triage

_DROPPED: Final = "case.submission_dropped"
# Lines that name whom they are about; others are about the waiting panel, or about who asked.
_NAMED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "case.accept_near": ("to",),
        "case.report_near": ("to",),
        "case.accept_missed": ("to",),
        "case.report_missed": ("to",),
        "case.escalated": ("owner",),
        _DROPPED: ("to", "owner"),
        FILES_LATE: ("submitter", "sender"),
        absence.STOOD_IN: ("to",),
        triage.ALLOTTED: ("to",),
        "video_session.reminded": ("expert", "doctor"),
        "room.rang": ("person",),
        "alert.raised": ("alert_owner",),
        "alert.rehomed": ("alert_owner",),
        "alert.escalated": ("person",),
    }
)
_TO_OFFICE: Final = frozenset(
    {
        *("referral.requested", "referral.unanswered", "referral.redirected"),
        *("referral.requeued", "referral.unbooked"),
    }
)


def people_told(
    work: Work, line: Line, event: NoticeEvent, case: Case
) -> tuple[PractitionerId, ...]:
    """Whom to tell of a line: not whoever did it, and nobody who has left where it happened."""
    told = set(_people(work, line, event, case))
    if not _is_by_clock(line):
        told -= {line.practitioner_id}
    places = _places(work, line, case)
    return tuple(each for each in sorted(told) if _is_there(work, event, case, each, at=places))


def _is_by_clock(line: Line) -> bool:
    """Whether the clock did it in the name of whoever had asked: she has not seen it."""
    return line.kind == _DROPPED and "to" in line.codes


def _people(work: Work, line: Line, event: NoticeEvent, case: Case) -> Collection[PractitionerId]:
    keys = _NAMED.get(line.kind)
    if keys is not None:
        return [person for key in keys for person in _named(line, key)]
    if event is NoticeEvent.WAITING:
        return _panel(work, line, case)
    return list(_sides(work, line, case))


def _places(work: Work, line: Line, case: Case) -> set[str | None]:
    """Both sides of the case, and whose panel it stood before."""
    places: set[str | None] = {case.institution_id, case.invited_institution_id}
    panel_id = line.codes.get("panel")
    if isinstance(panel_id, str):
        places.add(organisations.panel_in_use(work, panel_id).institution_id)
    return places


def _is_there(
    work: Work, event: NoticeEvent, case: Case, person: PractitionerId, *, at: set[str | None]
) -> bool:
    """Whether she works where the case is or was; an urgent alert finds her wherever she works."""
    places = {each.institution_id for each in affiliations.list_holding(work, person)}
    if event in ALWAYS_TOLD:
        return bool(places)
    if places & at:
        return True
    return any(policy.is_open_to(work, case_ref(case.id), each) for each in sorted(places))


def _sides(work: Work, line: Line, case: Case) -> Iterator[PractitionerId]:
    """Who sent the case, or has it since she left, of what was answered; its referral office."""
    if line.kind in _TO_OFFICE and case.owner_id is not None:
        yield case.owner_id
    if line.kind != "referral.requested" and case.requesting_physician_id is not None:
        asked = physician_of(work, case)
        places = affiliations.list_holding(work, asked)
        if any(each.institution_id == case.institution_id for each in places):
            yield asked


def _panel(work: Work, line: Line, case: Case) -> Collection[PractitionerId]:
    """To whom of the panel the case is offered now, while it waits there: nobody on leave."""
    if case.panel_id is None or case.status is not CaseStatus.ASSIGNED:
        return []
    panel = organisations.panel_in_use(work, case.panel_id)
    found = duty.offered(work, panel)
    if line.kind == absence.REROUTED:
        newly = str(line.codes.get("newly") or "").split()
        return [each for each in found if each in newly]
    return found


def _named(line: Line, key: str) -> list[PractitionerId]:
    found = line.codes.get(key)
    return [PractitionerId(found)] if isinstance(found, str) and found else []
