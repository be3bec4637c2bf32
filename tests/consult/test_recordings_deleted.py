"""A recording goes when its period is over: told of before, never a day early, nor while held."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from consult.cases import service as cases
from consult.cases import service_end
from consult.cases.model import Case, CaseStatus
from consult.kernel.keys import SealBrokenError
from consult.kernel.work import Actor, Work
from consult.rooms import service as rooms
from consult.rooms.recordings import deletion, holds, kept, service, settling
from consult.rooms.recordings.errors import HoldNotYoursError, HoldStandsError
from consult.rooms.recordings.holds import HoldReason
from consult.rooms.recordings.model import Recording
from consult.rooms.recordings.period import KeepingRule
from consult.rooms.recordings.planning import open_key
from consult.rooms.recordings.store import find_recording, recording_of
from consult.studies.quotas import service as quotas
from tests.makers.consortium import Consortium
from tests.makers.kept_recordings import SIZE_BYTES, make_part
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, come_in, talks

RULE = KeepingRule("process", "1", years=3, told_days=30, is_deleted=True)


@dataclass
class Kept:
    """A recording of a case that has ended; it was recorded on the clinic's first day."""

    world: Consortium
    case: Case
    id: str
    blob_key: str

    def hour_of(self, day: date, hour: int = 12) -> Any:
        """The clinic at this hour of a day."""
        first = self.world.clinic.now
        return self.world.clinic.at(
            first.replace(year=day.year, month=day.month, day=day.day, hour=hour)
        )

    def run(self, day: date) -> None:
        """What the clock does on a day."""
        clinic = self.hour_of(day)
        for recording_id in clinic.system(deletion.list_old, rule=RULE):
            clinic.system(deletion.end_kept, recording_id=recording_id, rule=RULE)

    def recording(self) -> Recording:
        """As its row stands."""

        def read(work: Work) -> Recording:
            row = find_recording(work.session, self.id)
            assert row is not None
            return recording_of(row)

        return self.world.clinic.system(read)

    def until(self) -> date:
        """The first day on which it need not be kept."""
        found = self.world.clinic.system(
            deletion.kept_until, case=self.latest(), recording=self.recording(), rule=RULE
        )
        assert found is not None
        return found

    def latest(self) -> Case:
        """The case as it stands."""
        return self.world.clinic.system(cases.get_case, case_id=self.case.id)

    def told(self, word: str) -> list[Any]:
        """The journal's lines of this word."""
        lines = self.world.clinic.lines()
        return [line for line in lines if line.kind == f"room.recording_{word}"]

    def used(self) -> int:
        """What its institution keeps, by the count."""
        where = {"institution_id": self.case.institution_id}
        return self.world.clinic.system(quotas.get_usage, **where).size_bytes


@pytest.fixture
def recorded(world: Consortium) -> Kept:
    """The physician recorded a call; afterwards the case was withdrawn."""
    case = make_read_case(world)
    clinic, step = world.clinic, {"case_id": case.id, "talks": talks()}
    call(world, case, world.physician)
    come_in(world, case, world.physician)
    clinic.do(world.physician, service.ask_recording, **step)
    view = clinic.do(world.physician, service.show, **step)
    recording_id = view.last.id
    clinic.system(settling.note_began, recording_id=recording_id, agreed=("somebody",))
    part = make_part(case, recording_id, 1)
    clinic.system(kept.keep_part, part=part)
    clinic.do(world.physician, service.stop, **step)
    clinic.system(settling.note_ended, recording_id=recording_id)
    clinic.do(world.physician, rooms.end_room, **step)
    return Kept(world, case, recording_id, part.tracks[0].blob.key)


def withdraw(recorded: Kept) -> None:
    """The case is over."""
    recorded.world.clinic.do(
        recorded.world.physician,
        service_end.withdraw_case,
        case_id=recorded.case.id,
        revision=recorded.latest().revision,
        reason="the patient left",
    )


def test_it_is_told_a_month_before_and_goes_on_its_day_and_not_the_day_before(
    recorded: Kept,
) -> None:
    withdraw(recorded)
    until, used = recorded.until(), recorded.used()
    assert until.year == recorded.world.clinic.now.year + 3
    recorded.run(RULE.told_on(until) - timedelta(days=1))
    assert recorded.told("goes") == []
    recorded.run(RULE.told_on(until))
    recorded.run(RULE.told_on(until) + timedelta(days=1))
    (line,) = recorded.told("goes")
    assert line.codes["until"] == until.isoformat()
    recorded.run(until - timedelta(days=1))
    assert recorded.recording().deleted_at is None
    assert recorded.used() == used
    recorded.run(until)
    assert recorded.recording().deleted_at is not None
    assert recorded.used() == used - SIZE_BYTES
    (line,) = recorded.told("deleted")
    assert line.codes["tracks"] == 1
    assert line.codes["size_bytes"] == SIZE_BYTES
    assert (line.codes["rule"], line.codes["years"]) == ("process 1", 3)
    recorded.run(until + timedelta(days=1))
    assert len(recorded.told("deleted")) == 1


def test_nothing_plays_of_what_was_deleted_and_no_key_is_left(recorded: Kept) -> None:
    withdraw(recorded)
    until = recorded.until()
    recorded.run(RULE.told_on(until))
    recorded.run(until)
    clinic, ids = recorded.world.clinic, {"case_id": recorded.case.id, "recording_id": recorded.id}
    found = clinic.do(recorded.world.physician, kept.open_recording, talks=talks(), **ids)
    assert found.recording.deleted_at is not None
    assert [part.tracks for part in found.parts] == [[]]
    assert clinic.system(kept.named_keys, keys={recorded.blob_key}) == frozenset()
    place = {"recording_id": recorded.id, "source": "ab" * 16, "sequence": 2}
    assert clinic.system(kept.find_place, **place) is None

    def read_key(work: Work) -> None:
        row = find_recording(work.session, recorded.id)
        assert row is not None
        open_key(work, row.id, row.key)

    with pytest.raises(SealBrokenError):
        clinic.system(read_key)


def test_a_clock_that_jumps_deletes_nothing_at_once(recorded: Kept) -> None:
    withdraw(recorded)
    far = recorded.until() + timedelta(days=900)
    recorded.run(far)
    recorded.run(far + timedelta(days=RULE.told_days - 1))
    assert recorded.recording().deleted_at is None
    recorded.run(far + timedelta(days=RULE.told_days))
    assert recorded.recording().deleted_at is not None


def test_a_case_that_goes_on_keeps_its_recordings(recorded: Kept) -> None:
    assert recorded.world.clinic.system(
        deletion.kept_until, case=recorded.latest(), recording=recorded.recording(), rule=RULE
    ) is None  # fmt: skip
    for years in (4, 5, 6):
        recorded.run(recorded.world.clinic.now.date() + timedelta(days=366 * years))
    assert recorded.recording().deleted_at is None
    assert recorded.told("goes") == []


def test_it_counts_from_the_day_on_which_the_case_was_closed(recorded: Kept) -> None:
    ended_at = recorded.recording().ended_at
    assert ended_at is not None
    closed = replace(
        recorded.latest(), status=CaseStatus.CLOSED, closed_at=ended_at + timedelta(days=40)
    )
    assert recorded.world.clinic.system(
        deletion.kept_until, case=closed, recording=recorded.recording(), rule=RULE
    ) == RULE.until((ended_at + timedelta(days=40)).date())


def hold(recorded: Kept) -> None:
    """The inviting side holds it back."""
    world = recorded.world
    step = {"case_id": recorded.case.id, "talks": talks(), "reason": HoldReason.DISPUTE}
    world.clinic.do(world.physician, holds.hold_recordings, **step)


def let_go(recorded: Kept, *, by: Actor) -> None:
    """A side lets it go."""
    step = {"case_id": recorded.case.id, "talks": talks()}
    recorded.world.clinic.do(by, holds.let_go, **step)


def test_a_side_holds_once_and_lifts_its_own_hold_alone(recorded: Kept) -> None:
    world = recorded.world
    hold(recorded)
    with pytest.raises(HoldStandsError):
        hold(recorded)
    with pytest.raises(HoldNotYoursError):
        let_go(recorded, by=world.expert)
    held = world.clinic.system(holds.list_holds, case=recorded.latest())
    assert [(each.institution_id, each.reason) for each in held] == [
        (world.physician.institution, HoldReason.DISPUTE)
    ]
    let_go(recorded, by=world.physician)
    with pytest.raises(HoldNotYoursError):
        let_go(recorded, by=world.physician)
    kinds = world.clinic.kinds()
    assert kinds.count("recordings.held") == kinds.count("recordings.let_go") == 1


def test_what_is_held_back_stays_and_is_told_anew_once_it_was_let_go(recorded: Kept) -> None:
    withdraw(recorded)
    until = recorded.until()
    recorded.run(RULE.told_on(until))
    hold(recorded)
    for days in (0, 40, 800):
        recorded.run(until + timedelta(days=days))
    assert recorded.recording().deleted_at is None
    let_go(recorded, by=recorded.world.physician)
    free = until + timedelta(days=801)
    recorded.run(free)
    recorded.run(free + timedelta(days=RULE.told_days - 1))
    assert recorded.recording().deleted_at is None
    assert len(recorded.told("goes")) == 2
    recorded.run(free + timedelta(days=RULE.told_days))
    assert recorded.recording().deleted_at is not None
