"""Which patient was the current one of a camera when a file appeared there (U1): pure rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from consult.kernel.ids import CaseId, PractitionerId
from consult.kernel.rules import RuleTable


@dataclass(frozen=True, slots=True)
class CameraRules:
    """How long a camera stays with a patient, how late a file may come, how long it may be mute."""

    direction: timedelta
    latest: timedelta
    silent_after: timedelta


@dataclass(frozen=True, slots=True)
class Direction:
    """A camera's pictures go to this draft, from then until an end."""

    id: str
    machine_id: str
    case_id: CaseId
    begun_by: PractitionerId
    begun_at: datetime
    ends_at: datetime
    ended_at: datetime | None

    @property
    def over_at(self) -> datetime:
        """When it ended, or will."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)

    def holds_at(self, at: datetime) -> bool:
        """Whether this patient was the camera's at that time."""
        return self.begun_at <= at < self.over_at


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera as a draft's page offers it; `case_id` is whose turn it is now."""

    machine_id: str
    name: str
    case_id: CaseId | None
    ends_at: datetime | None


def parse_camera_rules(mapping: Mapping[str, object]) -> CameraRules:
    """The table `cameras` of config/uploads.toml."""
    table = RuleTable(mapping).table("cameras")
    return CameraRules(
        direction=timedelta(minutes=table.whole("direction_min", lowest=1)),
        latest=timedelta(minutes=table.whole("latest_min", lowest=1)),
        silent_after=timedelta(minutes=table.whole("silent_after_min", lowest=1)),
    )


def find_patient_of(
    directions: Sequence[Direction],
    *,
    seen_at: datetime,
    written_at: datetime | None,
    now: datetime,
    latest: timedelta,
) -> Direction | None:
    """Whose a file is, where nothing speaks against it; None leaves it to a person.

    When it was written (by the camera's clock or the share's) and when it was first seen (by the
    clock of the computer beside it) must both lie in the turn of one and the same patient: a card
    that is put in later, a wrong clock, or a change of patients between the two is not guessed
    about. What comes later than `latest` is not either, since nobody looks at that page any more.
    """
    if now - seen_at > latest:
        return None
    moments = [seen_at] if written_at is None else [seen_at, written_at]
    found = [[each for each in directions if each.holds_at(at)] for at in moments]
    cases = {each.case_id for of_moment in found for each in of_moment}
    if len(cases) != 1 or not all(found):
        return None
    return found[0][0]
