"""Clinics and their slots as they are kept, and what a publication of slots says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from consult.calendar.model import BookingMode, Half, SlotStatus, is_hold_over
from consult.kernel.ids import CaseId, ClinicId, InstitutionId, PractitionerId, SlotId
from consult.kernel.rules import RuleTable


@dataclass(frozen=True, slots=True)
class HoldLimits:
    """How long a slot is held for a patient (config/limits.toml)."""

    hold: timedelta


@dataclass(frozen=True, slots=True)
class SlotRules:
    """What may be published (config/booking.toml)."""

    version: str
    most_slots: int
    furthest: timedelta
    shortest_min: int
    longest_min: int


@dataclass(frozen=True, slots=True)
class ClinicFacts:
    """What is written of a clinic: how it is booked, and what stands on the slip."""

    name: str
    department: str
    address: str
    phone: str
    name_en: str = ""
    department_en: str = ""
    address_en: str = ""
    notes: str = ""
    mode: BookingMode = BookingMode.DIRECT


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic of one institution that offers slots."""

    id: ClinicId
    institution_id: InstitutionId
    facts: ClinicFacts
    shared_with: frozenset[str]
    revision: int

    @property
    def is_by_request(self) -> bool:
        """Whether its desk books in the hospital's own system, and writes back (U22)."""
        return self.facts.mode is BookingMode.REQUEST


@dataclass(frozen=True, slots=True)
class Slot:
    """One appointment that a clinic offers; `turn` is its place among those of the half-day."""

    id: SlotId
    clinic_id: ClinicId
    physician_id: PractitionerId | None
    physician_name: str
    starts_at: datetime
    ends_at: datetime
    turn: int
    status: SlotStatus
    held_case_id: CaseId | None
    held_until: datetime | None

    def can_be_had(self, *, now: datetime) -> bool:
        """Whether anybody may take it now."""
        if self.starts_at <= now:
            return False
        if self.status is SlotStatus.HELD:
            return is_hold_over(self.held_until, now=now)
        return self.status is SlotStatus.FREE

    def is_held_for(self, case_id: str, *, now: datetime) -> bool:
        """Whether it is kept for this case at this moment."""
        return (
            self.status is SlotStatus.HELD
            and self.held_case_id == case_id
            and not is_hold_over(self.held_until, now=now)
        )


@dataclass(frozen=True, slots=True)
class Publication:
    """The form: on these weekdays (1 Monday to 7 Sunday), from and until, at the institution."""

    day_from: date
    day_until: date
    weekdays: frozenset[int]
    start: time
    end: time
    minutes: int
    physician_id: str | None = None
    physician_name: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """What does not take place (停诊): these slots, or a day or half-day of the clinic; and why."""

    reason: str
    slot_ids: tuple[str, ...] = ()
    day: date | None = None
    half: Half | None = None


def parse_slot_rules(mapping: Mapping[str, object]) -> SlotRules:
    """The rules of config/booking.toml."""
    table = RuleTable(mapping)
    keys = ("most_slots", "furthest_days", "shortest_min", "longest_min")
    table.only("name", "version", "source", *keys)
    shortest_min = table.whole("shortest_min", lowest=1)
    return SlotRules(
        version=table.text("version"),
        most_slots=table.whole("most_slots", lowest=1),
        furthest=timedelta(days=table.whole("furthest_days", lowest=1)),
        shortest_min=shortest_min,
        longest_min=table.whole("longest_min", lowest=shortest_min),
    )
