"""A week of slots: one row a clinic and physician, morning and afternoon, one column a day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic, Slot
from consult.calendar.model import SlotStatus
from consult.calendar.service_publish import MOST_WITHDRAWN
from consult.calendar.timetable import day_bounds, half_of_day
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName

_WORKING_DAYS = 5
_WEEK = timedelta(days=7)
MOST_IN_CELL = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """One half-day: what can be had, and what became of the rest."""

    free: tuple[Slot, ...]
    held: Slot | None
    booked: int
    stopped: int
    stoppable: tuple[str, ...] = ()

    @property
    def free_ids(self) -> list[str]:
        """What a press on the cell asks for, the earliest first."""
        return [slot.id for slot in self.free[:MOST_IN_CELL]]

    @property
    def is_stopped(self) -> bool:
        """Whether the whole half-day was taken back."""
        return self.stopped > 0 and not (self.free or self.held or self.booked)


@dataclass(frozen=True, slots=True)
class Row:
    """One clinic and physician; a cell is None where nothing was published."""

    clinic: Clinic
    institution: Institution
    physician: PersonName | None
    mornings: tuple[Cell | None, ...]
    afternoons: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """One week."""

    days: tuple[date, ...]
    rows: tuple[Row, ...]
    previous: date | None
    next: date | None

    @property
    def monday(self) -> date:
        """The week's first day."""
        return self.days[0]


def week_of(day: date) -> date:
    """The Monday of this day's week."""
    return day - timedelta(days=day.weekday())


def find_first_day(work: Work, clinics: Iterable[Clinic], *, furthest: timedelta) -> date | None:
    """The day of the earliest slot that can be had at any of these clinics."""
    found = []
    for clinic in clinics:
        first = calendar.list_free_slots(
            work, clinic_id=clinic.id, since=work.now, until=work.now + furthest, limit=1
        )
        zone = organisations.get_institution(work, clinic.institution_id).zone
        found += [half_of_day(slot.starts_at, zone=zone)[0] for slot in first]
    return min(found, default=None)


def make_grid(
    work: Work, clinics: Sequence[Clinic], *, week: date, furthest: timedelta, case_id: str = ""
) -> Grid:
    """The week of these clinics; what is held for the case stands out."""
    places = organisations.institutions_by_id(work, {clinic.institution_id for clinic in clinics})
    today = organisations.today_at(work, work.actor.institution)
    rows: list[Row] = []
    for clinic in clinics:
        rows += _rows_of(work, clinic, places[clinic.institution_id], week=week, case_id=case_id)
    used = max([_WORKING_DAYS, *(_last_used(row) for row in rows)])
    return Grid(
        days=tuple(week + timedelta(days=number) for number in range(used)),
        rows=tuple(rows),
        previous=week - _WEEK if week > week_of(today) else None,
        next=week + _WEEK if week + _WEEK <= today + furthest else None,
    )


def _rows_of(
    work: Work, clinic: Clinic, place: Institution, *, week: date, case_id: str
) -> list[Row]:
    since, until = day_bounds(week, days=7, zone=place.zone)
    slots = calendar.list_slots(work, clinics=[clinic], since=since, until=until)
    names = practitioners.names_of(work, {slot.physician_id for slot in slots if slot.physician_id})
    by_physician: defaultdict[tuple[str, str], list[Slot]] = defaultdict(list)
    for slot in slots:
        by_physician[slot.physician_id or "", slot.physician_name].append(slot)
    rows = []
    for (physician_id, name), found in sorted(by_physician.items()):
        cells = _cells(work, found, zone=place.zone, case_id=case_id)
        days = [week + timedelta(days=number) for number in range(7)]
        rows.append(
            Row(
                clinic=clinic,
                institution=place,
                physician=names.get(physician_id) or (PersonName(name, "", "") if name else None),
                mornings=tuple(cells.get((day, False)) for day in days),
                afternoons=tuple(cells.get((day, True)) for day in days),
            )
        )
    return rows


def _cells(
    work: Work, slots: Iterable[Slot], *, zone: str, case_id: str
) -> Mapping[tuple[date, bool], Cell]:
    halves: defaultdict[tuple[date, bool], list[Slot]] = defaultdict(list)
    for slot in slots:
        halves[half_of_day(slot.starts_at, zone=zone)].append(slot)
    return {half: _cell(found, now=work.now, case_id=case_id) for half, found in halves.items()}


def _cell(slots: Sequence[Slot], *, now: datetime, case_id: str) -> Cell:
    return Cell(
        free=tuple(slot for slot in slots if slot.can_be_had(now=now)),
        held=next((slot for slot in slots if slot.is_held_for(case_id, now=now)), None),
        booked=sum(slot.status is SlotStatus.BOOKED for slot in slots),
        stopped=sum(slot.status is SlotStatus.STOPPED for slot in slots),
        stoppable=tuple(
            slot.id
            for slot in slots
            if slot.status is not SlotStatus.STOPPED and slot.ends_at > now
        )[:MOST_WITHDRAWN],
    )


def _last_used(row: Row) -> int:
    both = list(zip(row.mornings, row.afternoons, strict=True))
    return max((number for number, cells in enumerate(both, start=1) if any(cells)), default=0)
