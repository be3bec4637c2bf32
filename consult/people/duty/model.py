"""Who of a panel is on duty in which half-days, who is away, and who stands in."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from consult.kernel.ids import InstitutionId, PanelId, PractitionerId

NOON: Final = time(12)
LOOKED_AHEAD: Final = timedelta(days=60)
"""How far the next time is looked for at which somebody is on duty."""


class DayHalf(enum.StrEnum):
    """Half of a day: it begins at midnight, or at noon, by the clock of the panel's hospital."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


HALVES: Final = tuple(DayHalf)


@dataclass(frozen=True, slots=True)
class Turn:
    """One half-day of every week; Monday is 1 (ISO 8601)."""

    weekday: int
    half: DayHalf


@dataclass(frozen=True, slots=True)
class HalfDay:
    """One half of one day."""

    day: date
    half: DayHalf

    def following(self) -> Iterator["HalfDay"]:
        """The half-days behind this one, in order, as far as is looked ahead."""
        for number in range(LOOKED_AHEAD.days):
            for half in HALVES:
                each = HalfDay(self.day + timedelta(days=number), half)
                if number or (self.half, half) == (DayHalf.MORNING, DayHalf.AFTERNOON):
                    yield each


def half_day_at(at: datetime, *, zone: str) -> HalfDay:
    """In which half-day an instant lies where the institution is."""
    local = at.astimezone(ZoneInfo(zone))
    half = DayHalf.MORNING if local.time() < NOON else DayHalf.AFTERNOON
    return HalfDay(local.date(), half)


@dataclass(frozen=True, slots=True)
class WeekDuty:
    """In which half-days of every week an expert is on duty."""

    expert_id: PractitionerId
    turns: frozenset[Turn]


@dataclass(frozen=True, slots=True)
class DayDuty:
    """One day that differs from the week; a half that is None is the whole day.

    `is_on` says that the expert is on duty then; else she is not, and `substitute_id` may be.
    """

    id: str
    panel_id: PanelId
    expert_id: PractitionerId
    day: date
    half: DayHalf | None
    is_on: bool
    substitute_id: PractitionerId | None

    def covers(self, at: HalfDay) -> bool:
        """Whether it speaks of this half-day."""
        return self.day == at.day and self.half in {None, at.half}


@dataclass(frozen=True, slots=True)
class Leave:
    """Days on which an expert is away from an institution, and who stands in, if anybody."""

    id: str
    expert_id: PractitionerId
    institution_id: InstitutionId
    day_from: date
    day_until: date
    substitute_id: PractitionerId | None

    def covers(self, day: date) -> bool:
        """Whether the expert is away on this day."""
        return self.day_from <= day <= self.day_until


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is on duty for a panel: while no week is kept, every member always is."""

    members: tuple[PractitionerId, ...]
    week: Sequence[WeekDuty]
    days: Sequence[DayDuty]
    leaves: Sequence[Leave]

    @property
    def is_kept(self) -> bool:
        """Whether anybody's week was entered."""
        return any(each.turns for each in self.week)

    def away_on(self, day: date) -> frozenset[PractitionerId]:
        """Who is on leave."""
        return frozenset(each.expert_id for each in self.leaves if each.covers(day))

    def on_duty(self, at: HalfDay) -> tuple[PractitionerId, ...]:
        """Who is on duty, as the members stand: nobody on leave, but who stands in for her."""
        planned = self._planned(at)
        away = self.away_on(at.day)
        planned |= {
            each.substitute_id
            for each in self.leaves
            if each.covers(at.day) and each.expert_id in planned and each.substitute_id is not None
        }
        return tuple(each for each in self.members if each in planned and each not in away)

    def next_duty(self, at: HalfDay) -> HalfDay | None:
        """The next half-day behind this one in which somebody is on duty."""
        return next((each for each in at.following() if self.on_duty(each)), None)

    def offered(self, at: HalfDay) -> tuple[PractitionerId, ...]:
        """Whom a case is offered: who is on duty, else who will be next; nobody on leave now."""
        found = self.on_duty(at)
        if not found:
            coming = self.next_duty(at)
            found = () if coming is None else self.on_duty(coming)
        away = self.away_on(at.day)
        there = tuple(each for each in found if each not in away)
        return there or tuple(each for each in self.members if each not in away)

    def stand_in_for(self, expert_id: str, day: date) -> PractitionerId | None:
        """Who stands in for an expert on leave: a member who is not away herself."""
        away = self.away_on(day)
        return next(
            (
                each.substitute_id
                for each in self.leaves
                if each.expert_id == expert_id
                and each.covers(day)
                and each.substitute_id in self.members
                and each.substitute_id not in away
            ),
            None,
        )

    def _planned(self, at: HalfDay) -> set[PractitionerId]:
        turn = Turn(at.day.isoweekday(), at.half)
        planned = set(self.members)
        if self.is_kept:
            planned = {each.expert_id for each in self.week if turn in each.turns}
        special = [each for each in self.days if each.covers(at)]
        planned -= {each.expert_id for each in special if not each.is_on}
        planned |= {each.substitute_id for each in special if each.substitute_id is not None}
        return planned | {each.expert_id for each in special if each.is_on}
