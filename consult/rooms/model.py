"""A video room of a case: who may be in it, who was there, how good the line was."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

MOST_KNOCKS: Final = 30
MOST_STAYS: Final = 500
MOST_SAMPLES: Final = 2000
MOST_SHOWINGS: Final = 500
MOST_ROOMS_SHOWN: Final = 50
GOES_ON_FOR: Final = timedelta(seconds=45)
"""A line that comes again this soon after the one before was last seen goes on with its stay."""


class RoomRole(enum.StrEnum):
    """What somebody is in a room."""

    HOST = "host"
    PARTICIPANT = "participant"
    GUEST = "guest"


class RoomDevice(enum.StrEnum):
    """With what a person takes part: the first device, or a second one beside it (U30)."""

    FIRST = "first"
    COMPANION = "companion"


class KnockState(enum.StrEnum):
    """What came of a knock."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    TURNED_AWAY = "turned_away"


class StayEnd(enum.StrEnum):
    """How somebody's stay ended."""

    LEFT = "left"
    LOST = "lost"
    REMOVED = "removed"
    ENDED = "ended"


class RoomEnd(enum.StrEnum):
    """How a room ended."""

    BY_PERSON = "by_person"
    EMPTY = "empty"
    CASE_ENDED = "case_ended"


@dataclass(frozen=True, slots=True)
class RoomLimits:
    """What config/rooms.toml says."""

    empty_for: timedelta
    seen_every: timedelta
    sampled_every: timedelta
    shown_after: timedelta
    host_away_for: timedelta


@dataclass(frozen=True, slots=True)
class NewRoom:
    """What stands in a media process already, counted from 1, and is to be on record."""

    id: str
    key: bytes
    process: int


@dataclass(frozen=True, slots=True)
class Room:
    """One call of a case, from its opening to its end; `process` carries it, counted from 1."""

    id: str
    case_id: CaseId
    host_id: PractitionerId
    institution_id: InstitutionId
    opened_at: datetime
    ended_at: datetime | None
    how: RoomEnd | None
    process: int
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody who asked to come in, and what was answered."""

    person_id: PractitionerId
    institution_id: InstitutionId
    state: KnockState
    knocked_at: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """One device of one person in a room, from its coming; `seen_at` is when it last was known.

    A line that broke and came again at once is no break of it.
    """

    id: str
    room_id: str
    person_id: PractitionerId
    institution_id: InstitutionId
    device: RoomDevice
    joined_at: datetime
    seen_at: datetime
    left_at: datetime | None
    how: StayEnd | None


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to when a line knows its stay: a later line that goes on with it knows it longer."""

    stay_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """What one browser measured of its line: loss in thousandths, the way there and back in ms."""

    lost_per_mille: int
    round_trip_ms: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ShownImage:
    """A picture of the case that a room looked at together, and who showed it."""

    image_id: str
    presenter_id: PractitionerId
    begun_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person's part in a room: all devices and all breaks in one line (VID-06)."""

    person_id: PractitionerId
    institution_id: InstitutionId
    joined_at: datetime
    left_at: datetime | None
    stays: int


@dataclass(frozen=True, slots=True)
class Quality:
    """The middle of what was measured in a room, and the worst."""

    samples: int
    median_lost_per_mille: int
    most_lost_per_mille: int
    median_round_trip_ms: int
    most_round_trip_ms: int
    largest_width: int
    largest_height: int


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's right to be in a room now; `key` is for the media process alone."""

    room: Room
    role: RoomRole
    key: bytes = field(repr=False)


def attendances_of(stays: Iterable[Stay]) -> list[Attendance]:
    """One line a person, in the order of coming; nobody who is still there has left."""
    by_person: dict[PractitionerId, list[Stay]] = {}
    for stay in sorted(stays, key=lambda each: (each.joined_at, each.id)):
        by_person.setdefault(stay.person_id, []).append(stay)
    return [_attendance(each) for each in by_person.values()]


def quality_of(samples: Sequence[Measured]) -> Quality | None:
    """What the samples of a room say together; None where nothing was measured."""
    if not samples:
        return None
    lost = [each.lost_per_mille for each in samples]
    round_trips = [each.round_trip_ms for each in samples]
    largest = max(samples, key=lambda each: each.width * each.height)
    return Quality(
        samples=len(samples),
        median_lost_per_mille=round(median(lost)),
        most_lost_per_mille=max(lost),
        median_round_trip_ms=round(median(round_trips)),
        most_round_trip_ms=max(round_trips),
        largest_width=largest.width,
        largest_height=largest.height,
    )


def _attendance(stays: Sequence[Stay]) -> Attendance:
    ends = [each.left_at for each in stays]
    return Attendance(
        person_id=stays[0].person_id,
        institution_id=stays[0].institution_id,
        joined_at=stays[0].joined_at,
        left_at=None if None in ends else max(each for each in ends if each is not None),
        stays=len(stays),
    )
