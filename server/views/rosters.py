"""值班安排: a panel's week, the days that differ, who is away, and who is there now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.duty import keeping
from consult.people.duty import service as duty
from consult.people.duty.model import HALVES, DayDuty, DayHalf, HalfDay, Leave, Turn
from consult.people.duty.service import Attendance
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution, Panel
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName

WEEK = range(1, 8)


class RosterAnswer(BaseModel):
    """How many waiting cases were offered anew, and where the page goes on."""

    offered_anew: int
    location: str


@dataclass(frozen=True, slots=True)
class PanelLine:
    """One panel of the list, and who is on duty there now."""

    panel: Panel
    place: Institution
    on_duty: Sequence[PersonName]
    next: HalfDay | None
    may_keep: bool


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One expert of a panel: her half-days of the week as the form sends them."""

    id: PractitionerId
    name: PersonName
    is_leader: bool
    is_there: bool
    is_away: bool
    cells: Sequence[tuple[int, DayHalf, str, bool]]


@dataclass(frozen=True, slots=True)
class RosterPage:
    """A panel's roster; `names` has everybody who is named on it."""

    panel: Panel
    place: Institution
    lines: Sequence[RosterLine]
    days: Sequence[DayDuty]
    leaves: Sequence[Leave]
    names: dict[str, PersonName]
    attendance: Attendance
    is_kept: bool
    may_keep: bool
    today: date


def make_list(work: Work) -> list[PanelLine]:
    """The panels whose roster concerns the reader."""
    return [_panel_line(work, panel) for panel in keeping.list_panels(work)]


def make_page(work: Work, *, panel_id: str) -> RosterPage:
    """One panel's roster."""
    panel = organisations.get_panel(work, panel_id)
    roster = duty.roster_of(work, panel)
    place = organisations.get_institution(work, panel.institution_id)
    today = place.local_day(work.now)
    away = roster.away_on(today)
    turns = {each.expert_id: each.turns for each in roster.week}
    attendance = duty.attendance_of(work, panel)
    people = {*panel.member_ids, *attendance.on_duty, *_named(roster.days, roster.leaves)}
    names = practitioners.names_of(work, people)
    return RosterPage(
        panel=panel,
        place=place,
        lines=[
            RosterLine(
                id=each,
                name=names[each],
                is_leader=each == panel.leader_id,
                is_there=each in attendance.on_duty,
                is_away=each in away,
                cells=_cells(each, turns.get(each, frozenset())),
            )
            for each in sorted(panel.member_ids, key=lambda one: (one != panel.leader_id, one))
        ],
        days=roster.days,
        leaves=[leave for leave in roster.leaves if leave.day_until >= today],
        names={str(key): name for key, name in names.items()},
        attendance=attendance,
        is_kept=roster.is_kept,
        may_keep=keeping.may_keep(work, panel),
        today=today,
    )


def _panel_line(work: Work, panel: Panel) -> PanelLine:
    attendance = duty.attendance_of(work, panel)
    names = practitioners.names_of(work, attendance.on_duty)
    return PanelLine(
        panel=panel,
        place=organisations.get_institution(work, panel.institution_id),
        on_duty=[names[each] for each in attendance.on_duty],
        next=attendance.next,
        may_keep=keeping.may_keep(work, panel),
    )


def _cells(
    expert_id: PractitionerId, turns: frozenset[Turn]
) -> list[tuple[int, DayHalf, str, bool]]:
    return [
        (weekday, half, f"{expert_id}.{weekday}-{half}", Turn(weekday, half) in turns)
        for weekday in WEEK
        for half in HALVES
    ]


def _named(days: Sequence[DayDuty], leaves: Sequence[Leave]) -> set[PractitionerId]:
    lines: list[DayDuty | Leave] = [*days, *leaves]
    people = {each.expert_id for each in lines}
    return people | {each.substitute_id for each in lines if each.substitute_id}
