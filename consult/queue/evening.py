"""An expert's evening: cases of one kind taken at once, and read one after the other (U20)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from consult.cases import service as cases
from consult.cases.errors import CaseChangedError
from consult.cases.model import Case, CaseStepNotAllowedError, ServiceType
from consult.cases.returns import service as returns
from consult.cases.views import PanelView
from consult.kernel.ids import CaseId
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.queue import absence, holding, service, store
from consult.queue.errors import NotTakenAtOnceError, RowFullError
from consult.queue.model import (
    FREE_FOR,
    IN_A_ROW,
    PRESSED_IN,
    Claim,
    QueueLimits,
    RowRules,
    Turn,
)

_ROUNDS = 20
_PAGE = 200
_MOST_REPORTS = 500


@dataclass(frozen=True, slots=True)
class Held:
    """A case of an expert's row, and her hold on it."""

    case: Case
    claim: Claim


@dataclass(frozen=True, slots=True)
class Evening:
    """What was signed since the evening began, and how long was worked at it."""

    reports: int
    began_at: datetime
    worked: timedelta


def take_next(
    work: Work,
    *,
    service_type: ServiceType,
    count: int,
    limits: QueueLimits,
    turn: Turn = Turn.FIRST,
) -> list[Case]:
    """Take the first `count` free cases of a kind, in the order of the list, in one unit.

    Of two experts who reach for the same, each case has one; the other has the next. For a second
    reading nobody takes what she has read. Raises NotTakenAtOnceError, RowFullError,
    LicenceExpiredError.
    """
    if service_type not in limits.row.service_types:
        raise NotTakenAtOnceError("service_type")
    if count not in limits.row.take:
        raise NotTakenAtOnceError("count")
    absence.refuse_away(work)
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    room = limits.row.most - len(list_row(work, service_type=service_type, rules=limits.row))
    if room <= 0:
        raise RowFullError(limits.row.most)
    taken: list[Case] = []
    passed: set[CaseId] = set()
    for _round in range(_ROUNDS):
        free = _list_free(work, service_type, turn, limits=limits, passed=passed)
        for case in free[: min(count, room) - len(taken)]:
            after = _take(work, case, limits)
            passed.add(case.id)
            taken += [] if after is None else [after]
        if not free or len(taken) == min(count, room):
            break
    return taken


def count_free(work: Work, *, service_type: ServiceType, turn: Turn, limits: QueueLimits) -> int:
    """How many of the cases that wait for such a reader the actor may take, a row's worth at most.

    Nothing for whoever reads for no panel.
    """
    if not work.actor.panel_ids:
        return 0
    return len(_list_free(work, service_type, turn, limits=limits, passed=set()))


def list_row(work: Work, *, service_type: ServiceType, rules: RowRules) -> list[Held]:
    """The cases of a kind that the actor holds, in the order of the list."""
    held = store.list_held(work.session, work.actor.person, now=work.now, limit=rules.most * 2)
    claims = {claim.case_id: claim for claim in held}
    if not claims:
        return []
    view = PanelView(
        holding.panels_before(work),
        IN_A_ROW,
        frozenset({service_type}),
        among=set(claims),
        limit=rules.most * 2,
    )
    return [Held(case, claims[case.id]) for case in cases.list_for_panels(work, view=view)]


def open_held(work: Work, *, case_id: CaseId, limits: QueueLimits) -> Case:
    """Open the room on a case that one holds: it is read, and the row's leases go on.

    A lease with more than half of its time is left as it is.
    """
    case = service.start_reading(work, case_id=case_id)
    for claim in store.list_held(
        work.session, work.actor.person, now=work.now, limit=limits.row.most * 2
    ):
        if claim.case_id == case.id:
            store.save_opened(work.session, claim.id, at=work.now)
        if claim.lease_until - work.now < limits.lease / 2:
            service.renew_lease(work, case_id=claim.case_id, limits=limits)
    return case


def find_next(work: Work, *, after: Case, rules: RowRules) -> CaseId | None:
    """The next case of the actor's row behind this one, or the first that was put aside."""
    return next((case.id for case in list_next(work, after=after, rules=rules, limit=1)), None)


def list_next(work: Work, *, after: Case, rules: RowRules, limit: int) -> list[Case]:
    """The next cases of the row behind this one, then those that were put aside."""
    row = list_row(work, service_type=after.service_type, rules=rules)
    others = [held.case for held in row if held.case.id != after.id]
    behind = [case for case in others if _place(case) > _place(after)]
    before = [case for case in others if _place(case) <= _place(after)]
    return [*behind, *before][:limit]


def current_of(row: Sequence[Held]) -> Held | None:
    """Where the reader was: the case that she opened last, else the first of the row."""
    opened = [held for held in row if held.claim.opened_at is not None]
    if not opened:
        return row[0] if row else None
    return max(opened, key=lambda held: held.claim.opened_at or held.claim.claimed_at)


def find_evening(work: Work, *, rules: RowRules) -> Evening | None:
    """What the actor has signed this evening; None where nothing was signed lately."""
    claims = store.list_reported(
        work.session, work.actor.person, since=work.now - rules.gap, limit=1
    )
    if claims:
        day = work.now - timedelta(days=1)
        claims = store.list_reported(
            work.session, work.actor.person, since=day, limit=_MOST_REPORTS
        )
    return make_evening(claims, rules=rules)


def make_evening(claims: Sequence[Claim], *, rules: RowRules) -> Evening | None:
    """The evening to which the newest signature belongs; the newest claim comes first."""
    reports, worked = 0, timedelta()
    later = began = None
    for claim in claims:
        if claim.ended_at is None:
            continue
        if later is not None:
            rest = later - claim.ended_at
            if rest > rules.gap:
                break
            worked += rest if rest <= rules.pause else timedelta()
        reports, later = reports + 1, claim.ended_at
        began = claim
    if began is None or began.ended_at is None:
        return None
    first = began.opened_at or began.claimed_at
    lead = began.ended_at - first
    return Evening(reports, first, worked + (lead if lead <= rules.pause else timedelta()))


def _list_free(
    work: Work,
    service_type: ServiceType,
    turn: Turn,
    *,
    limits: QueueLimits,
    passed: set[CaseId],
) -> list[Case]:
    """The next free cases in the order of the list; what is kept for another expert is not.

    Behind `_ROUNDS` pages of cases that she may not take nothing is found.
    """
    view = PanelView(
        work.actor.panel_ids,
        FREE_FOR[turn],
        frozenset({service_type}),
        pressed_from=limits.declines_to_escalate,
        pressed_in=PRESSED_IN,
        limit=limits.row.most,
    )
    for _round in range(_ROUNDS):
        found = cases.list_for_panels(work, view=view)
        shut = passed | _shut(work, found)
        free = [case for case in found if case.id not in shut]
        if free or not found:
            return free
        view = replace(view, offset=view.offset + view.limit, limit=_PAGE)
    return []


def _shut(work: Work, found: Sequence[Case]) -> set[CaseId]:
    """Which of these cases the actor may not take: kept or held for another, or read by her."""
    ids = [case.id for case in found]
    claims = {claim.case_id: claim for claim in store.list_live(work.session, ids)}
    kept = returns.kept_for(work, found)
    read = store.list_read_by(work.session, work.actor.person, ids)
    return {
        case.id
        for case in found
        if case.id in read
        or (case.id in claims and holding.is_held(work, case, claims[case.id]))
        or (case.id in kept and kept[case.id].expert_id != work.actor.practitioner_id)
    }


def _take(work: Work, case: Case, limits: QueueLimits) -> Case | None:
    """The case, taken; None where somebody else was first."""
    live = store.find_live(work.session, case.id)
    if live is not None and holding.is_held(work, case, live):
        return None
    try:
        return service.take_free(work, case, stale=live, limits=limits)
    except (CaseChangedError, CaseStepNotAllowedError):
        return None


def _place(case: Case) -> tuple[datetime, str]:
    return case.report_by or case.opened_at, case.id
