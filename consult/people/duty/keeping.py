"""Keeping a panel's roster: by its leader, a coordinator of its hospital, or the administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from consult.access.model import ObjectType
from consult.kernel.errors import Fact, FieldProblem, FormRefusedError, NotFoundError, RefusedError
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Entry, Role, Work
from consult.people.duty import service, store
from consult.people.duty.errors import NotRosterKeeperError, RosterFullError
from consult.people.duty.model import LOOKED_AHEAD, DayDuty, DayHalf, WeekDuty
from consult.people.duty.tables import DayDutyRow
from consult.people.organisations import panel_store, panels
from consult.people.organisations import service as organisations
from consult.people.organisations.errors import StaleError
from consult.people.organisations.model import Panel

MOST_DAYS: Final = 200


@dataclass(frozen=True, slots=True)
class NewDay:
    """What the form says of a day that differs; without a half it is the whole day."""

    expert_id: str
    day: date
    half: DayHalf | None
    is_on: bool
    substitute_id: str | None = None


def list_panels(work: Work) -> list[Panel]:
    """The working panels whose roster the actor keeps, or on which she sits."""
    return [
        panel
        for panel in panels.list_panels(work)
        if panel.stopped_at is None and may_see(work, panel)
    ]


def may_see(work: Work, panel: Panel) -> bool:
    """Whether the roster is shown to the actor."""
    return panel.id in work.actor.panel_ids or may_keep(work, panel)


def may_keep(work: Work, panel: Panel) -> bool:
    """Whether the actor changes the roster: she leads, coordinates or administers."""
    actor = work.actor
    if Role.ADMINISTRATOR in actor.roles:
        return True
    is_near = panel.consortium_id in actor.consortium_ids
    if Role.CONSORTIUM_ADMINISTRATOR in actor.roles and is_near:
        return True
    if actor.institution_id != panel.institution_id:
        return False
    leads = actor.practitioner_id == panel.leader_id
    return leads or Role.COORDINATOR in actor.roles or _stands_in(work, panel)


def set_week(work: Work, panel: Panel, *, revision: int, week: Sequence[WeekDuty]) -> None:
    """Put this week in the place of the one before; nobody's half-days means that none is kept.

    Raises StaleError where the panel has changed meanwhile.
    """
    _require_keeper(work, panel)
    if panel.revision != revision:
        raise StaleError
    _require_members(panel, [each.expert_id for each in week], field="week")
    panel_store.save_revision(work.session, panel)
    known = {each.expert_id: each.turns for each in store.list_week(work.session, panel.id)}
    wanted = {each.expert_id: each.turns for each in week if each.turns}
    store.save_week(work.session, panel.id, [WeekDuty(*each) for each in wanted.items()])
    for expert_id in sorted(known.keys() | wanted.keys()):
        turns = wanted.get(expert_id, frozenset())
        if turns != known.get(expert_id, frozenset()):
            told = " ".join(store.format_turn(turn) for turn in store.sorted_turns(turns))
            _journal(work, panel, "duty.week_set", expert=expert_id, turns=told)


def add_day(work: Work, panel: Panel, *, new: NewDay) -> None:
    """Enter a day that differs; raises FormRefusedError, RosterFullError."""
    _require_keeper(work, panel)
    today = organisations.today_at(work, panel.institution_id)
    if not today <= new.day <= today + LOOKED_AHEAD:
        code = "day-is-past" if new.day < today else "day-too-far"
        limit = {} if new.day < today else {"limit": LOOKED_AHEAD.days}
        raise FormRefusedError([FieldProblem("day", code, limit)])
    _require_members(panel, [new.expert_id], field="expert_id")
    if new.substitute_id is not None:
        if new.is_on or new.substitute_id == new.expert_id:
            raise RefusedError("field-not-a-choice", field="substitute_id")
        _require_members(panel, [new.substitute_id], field="substitute_id")
    if len(store.list_days(work.session, panel.id, on=today, limit=MOST_DAYS)) >= MOST_DAYS:
        raise RosterFullError(MOST_DAYS)
    row = DayDutyRow(
        id=new_id(),
        panel_id=panel.id,
        expert_id=new.expert_id,
        day=new.day,
        half=new.half,
        is_on=new.is_on,
        substitute_id=new.substitute_id,
        added_at=work.now,
    )
    store.save_day(work.session, row)
    _journal_day(work, panel, "duty.day_added", store.find_day(work.session, row.id))


def end_day(work: Work, panel: Panel, *, day_id: str) -> None:
    """The day is as the week says again; raises NotFoundError."""
    found = store.find_day(work.session, day_id)
    if found is None or found.panel_id != panel.id:
        raise NotFoundError
    _require_keeper(work, panel)
    store.end_day(work.session, day_id, at=work.now)
    _journal_day(work, panel, "duty.day_ended", found)


def _stands_in(work: Work, panel: Panel) -> bool:
    return work.actor.practitioner_id == service.answering(work, panel)


def _require_keeper(work: Work, panel: Panel) -> None:
    if not may_keep(work, panel):
        raise NotRosterKeeperError


def _require_members(panel: Panel, people: Sequence[str], *, field: str) -> None:
    if not panel.member_ids.issuperset(map(PractitionerId, people)):
        raise RefusedError("field-not-a-choice", field=field)


def _journal_day(work: Work, panel: Panel, kind: str, day: DayDuty | None) -> None:
    if day is None:
        raise NotFoundError
    _journal(
        work,
        panel,
        kind,
        duty=day.id,
        expert=day.expert_id,
        day=day.day.isoformat(),
        half=day.half,
        is_on=day.is_on,
        substitute=day.substitute_id,
    )


def _journal(work: Work, panel: Panel, kind: str, **codes: Fact) -> None:
    work.journal(Entry(kind, ObjectType.PANEL, panel.id, codes=codes))
