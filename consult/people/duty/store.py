"""The only SQL of rosters and leave."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import InstitutionId, PanelId, PractitionerId
from consult.people.duty.model import DayDuty, DayHalf, Leave, Turn, WeekDuty
from consult.people.duty.tables import DayDutyRow, LeaveRow, WeekDutyRow

_DAY = timedelta(days=1)
MOST_LEAVES = 1000


def list_week(session: Session, panel_id: str) -> list[WeekDuty]:
    """The week of a panel, one entry for each expert."""
    statement = select(WeekDutyRow).where(WeekDutyRow.panel_id == panel_id)
    return [
        WeekDuty(PractitionerId(row.expert_id), _turns(row.turns))
        for row in session.scalars(statement.order_by(WeekDutyRow.expert_id))
    ]


def save_week(session: Session, panel_id: str, week: Iterable[WeekDuty]) -> None:
    """Put this week in the place of the one before."""
    session.execute(delete(WeekDutyRow).where(WeekDutyRow.panel_id == panel_id))
    for each in week:
        turns = " ".join(format_turn(turn) for turn in sorted_turns(each.turns))
        session.add(WeekDutyRow(panel_id=panel_id, expert_id=each.expert_id, turns=turns))
    session.flush()


def sorted_turns(turns: Iterable[Turn]) -> list[Turn]:
    """Half-days in the order of the week."""
    return sorted(turns, key=lambda each: (each.weekday, list(DayHalf).index(each.half)))


def format_turn(turn: Turn) -> str:
    """A half-day of the week as it is written: `1-morning`."""
    return f"{turn.weekday}-{turn.half}"


def parse_turn(text: str) -> Turn:
    """The half-day that was written so; raises ValueError for anything else."""
    weekday, _, half = text.partition("-")
    return Turn(int(weekday), DayHalf(half))


def save_day(session: Session, row: DayDutyRow) -> None:
    """Write a day that differs."""
    session.add(row)
    session.flush()


def end_day(session: Session, day_id: str, *, at: datetime) -> bool:
    """Take a day that differs back; False where that was done."""
    statement = (
        update(DayDutyRow)
        .where(DayDutyRow.id == day_id, DayDutyRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(DayDutyRow.id)
    )
    return session.scalar(statement) is not None


def find_day(session: Session, day_id: str) -> DayDuty | None:
    """A day that differs and was not taken back."""
    found = session.scalar(
        select(DayDutyRow).where(DayDutyRow.id == day_id, DayDutyRow.ended_at.is_(None))
    )
    return None if found is None else _day(found)


def list_days(session: Session, panel_id: str, *, on: date, limit: int) -> list[DayDuty]:
    """The days of a panel from about this one on that differ from its week."""
    statement = (
        select(DayDutyRow)
        .where(
            DayDutyRow.panel_id == panel_id,
            DayDutyRow.ended_at.is_(None),
            DayDutyRow.day >= on - _DAY,
        )
        .order_by(DayDutyRow.day, DayDutyRow.id)
        .limit(limit)
    )
    return [_day(row) for row in session.scalars(statement)]


def save_leave(session: Session, row: LeaveRow) -> None:
    """Write a new leave."""
    session.add(row)
    session.flush()


def end_leave(session: Session, leave_id: str, *, at: datetime) -> bool:
    """Take a leave back; False where that was done."""
    statement = (
        update(LeaveRow)
        .where(LeaveRow.id == leave_id, LeaveRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(LeaveRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def find_leave(session: Session, leave_id: str) -> Leave | None:
    """A leave that was not taken back."""
    found = session.scalar(
        select(LeaveRow).where(LeaveRow.id == leave_id, LeaveRow.ended_at.is_(None))
    )
    return None if found is None else _leave(found)


def list_leaves(session: Session, experts: Collection[str], *, on: date) -> list[Leave]:
    """When these experts are away from about this day on."""
    statement = _from(on).where(LeaveRow.expert_id.in_(sorted(experts)))
    return [_leave(row) for row in session.scalars(statement)]


def list_begun(session: Session, *, on: date) -> list[Leave]:
    """Everybody's leave that has begun by about this day and is not over."""
    statement = _from(on).where(LeaveRow.day_from <= on + _DAY).limit(MOST_LEAVES)
    return [_leave(row) for row in session.scalars(statement)]


def _from(on: date) -> Select[LeaveRow]:
    return (
        select(LeaveRow)
        .where(LeaveRow.ended_at.is_(None), LeaveRow.day_until >= on - _DAY)
        .order_by(LeaveRow.day_from, LeaveRow.id)
    )


def _turns(text: str) -> frozenset[Turn]:
    return frozenset(parse_turn(each) for each in text.split())


def _day(row: DayDutyRow) -> DayDuty:
    return DayDuty(
        id=row.id,
        panel_id=PanelId(row.panel_id),
        expert_id=PractitionerId(row.expert_id),
        day=row.day,
        half=row.half,
        is_on=row.is_on,
        substitute_id=None if row.substitute_id is None else PractitionerId(row.substitute_id),
    )


def _leave(row: LeaveRow) -> Leave:
    return Leave(
        id=row.id,
        expert_id=PractitionerId(row.expert_id),
        institution_id=InstitutionId(row.institution_id),
        day_from=row.day_from,
        day_until=row.day_until,
        substitute_id=None if row.substitute_id is None else PractitionerId(row.substitute_id),
    )
