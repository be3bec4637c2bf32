"""The experts' list, a page of one tab at a time; its numbers are counted, not listed."""

from collections.abc import Collection
from dataclasses import replace

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.cases.returns import service as returns
from consult.cases.views import PanelView, Waiting
from consult.journal import service as journal
from consult.kernel.work import Work
from consult.queue import further, holding, store
from consult.queue.model import (
    BEFORE_READERS,
    FURTHER,
    ON_THE_LIST,
    PRESSED_IN,
    SCREENING,
    QueuedCase,
    QueueLimits,
    Tab,
    TabCounts,
)
from consult.queue.service import DECLINED

LONGEST_LIST = 100
_MOST_MINE = 1000
_ALL = frozenset().union(*ON_THE_LIST)
_OTHER = frozenset(ServiceType) - SCREENING
_STATUSES = {
    Tab.READ: BEFORE_READERS,
    Tab.CONSULT: BEFORE_READERS,
    Tab.DECLINED: frozenset({CaseStatus.DECLINED}),
    Tab.RETURNED: frozenset({CaseStatus.RETURNED}),
    Tab.MINE: _ALL,
}


def list_worklist(
    work: Work, *, limits: QueueLimits, limit: int = LONGEST_LIST
) -> list[QueuedCase]:
    """The first cases before the actor's panels of every tab, with who has taken which.

    Those that were declined too often stand on top, the others in order of promise.
    """
    panel_ids, most = holding.panels_before(work), min(limit, LONGEST_LIST)
    found = [
        case
        for statuses in ON_THE_LIST  # each bounded by itself, so that none crowds out another
        for case in cases.list_for_panels(work, view=_view(limits, panel_ids, statuses, limit=most))
    ]
    return _queued(work, found, limits=limits)


def list_tab(
    work: Work, tab: Tab, *, limits: QueueLimits, offset: int = 0, limit: int = LONGEST_LIST
) -> list[QueuedCase]:
    """A page of one tab, in the same order."""
    if tab is Tab.MINE:
        return _mine(work, limits=limits)[offset : offset + limit]
    panel_ids, services = holding.panels_before(work), _services(tab)
    view = _view(limits, panel_ids, _STATUSES[tab], limit=limit)
    view = replace(view, service_types=services, offset=offset)
    found = cases.list_for_panels(work, view=view)
    return _queued(work, found, limits=limits)


def count_tabs(work: Work, *, limits: QueueLimits) -> TabCounts:
    """How many cases each tab has, and how many of those before the panels are overdue."""
    waiting = cases.count_for_panels(work, panel_ids=holding.panels_before(work), statuses=_ALL)
    counts = {tab: sum(each.count for each in waiting if _in(tab, each)) for tab in Tab}
    overdue = sum(each.late for each in waiting if each.status is not CaseStatus.RETURNED)
    return TabCounts({**counts, Tab.MINE: len(_mine(work, limits=limits))}, overdue)


def _mine(work: Work, *, limits: QueueLimits) -> list[QueuedCase]:
    """What the actor has taken, and what is kept for her."""
    me = work.actor.person
    ids = store.list_live_of(work.session, me, limit=_MOST_MINE)
    ids |= returns.ids_kept_for(work, me, limit=_MOST_MINE)
    if not ids:
        return []
    view = PanelView(holding.panels_before(work), _ALL, among=ids, limit=_MOST_MINE)
    found = cases.list_for_panels(work, view=view)
    return [
        item
        for item in _queued(work, found, limits=limits)
        if (item.claim is not None and item.claim.practitioner_id == me)
        or (item.kept is not None and item.kept.expert_id == me)
    ]


def _view(
    limits: QueueLimits, panel_ids: Collection[str], statuses: Collection[CaseStatus], *, limit: int
) -> PanelView:
    return PanelView(
        panel_ids,
        statuses,
        pressed_from=limits.declines_to_escalate,
        pressed_in=PRESSED_IN,
        limit=limit,
    )


def _services(tab: Tab) -> frozenset[ServiceType]:
    return {Tab.READ: SCREENING, Tab.CONSULT: _OTHER}.get(tab, frozenset(ServiceType))


def _in(tab: Tab, waiting: Waiting) -> bool:
    return waiting.status in _STATUSES[tab] and waiting.service_type in _services(tab)


def _queued(work: Work, found: list[Case], *, limits: QueueLimits) -> list[QueuedCase]:
    """These cases with all that their rows say, the pressed ones on top."""
    ids = [case.id for case in found]
    claims = {claim.case_id: claim for claim in store.list_live(work.session, ids)}
    kept, back = returns.kept_for(work, found), returns.returns_of(work, ids)
    pressed = {
        case.id: _newest_reason(work, case)
        for case in found
        if case.status in PRESSED_IN and case.declines >= limits.declines_to_escalate
    }
    queued = [
        QueuedCase(
            case,
            claims.get(case.id),
            kept.get(case.id),
            back.get(case.id),
            case.declines,
            is_pressed=case.id in pressed,
            pressed_why=pressed.get(case.id, ""),
            has_turn=case.status in FURTHER and further.may_take(work, case),
        )
        for case in found
    ]
    return sorted(queued, key=lambda item: (not item.is_pressed, item.case.report_by or work.now))


def _newest_reason(work: Work, case: Case) -> str:
    lines = journal.lines_of_kinds(work.session, case.id, kinds={DECLINED}, limit=1)
    return lines[0].words.get("reason", "") if lines else ""
