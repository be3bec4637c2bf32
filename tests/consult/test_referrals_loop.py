"""Whatever is done in whatever order: one accountable person, and no referral in a dead state.

REF-12 and Q-12: every referral can be brought to its end from wherever it stands.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import Slot
from consult.calendar.model import SlotStatus
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, is_open
from consult.kernel.errors import ConsultError
from consult.referrals import service as referrals
from consult.referrals import service_book, service_desk, service_end, service_open
from consult.referrals.model import AppointmentStatus, ReferralStatus
from consult.referrals.records import Referral, Side, VisitOutcome
from consult.reports.seal import load_seal
from tests.makers.clinic import open_clinic
from tests.makers.referrals import (
    Office,
    book,
    make_decided,
    make_office,
    make_second,
    publish,
    request,
)
from tests.makers.twins import make_decided_twins

OUTCOME = VisitOutcome("左眼中度NPDR", "", "1 月后复查")
ACTS = (
    *("hold", "release", "refer", "press", "confirm", "cancel", "cancel_desk", "lost", "declined"),
    *(
        "refused",
        "outside",
        "taken_back",
        "move",
        "move_desk",
        "arrive",
        "noshow",
        "outcome",
        "close",
        "expire",
        "minutes",
        "day",
    ),
)


@dataclass
class Life:
    """A referral office with two patients and a clock, on which acts are tried."""

    office: Office
    case_ids: list[str]
    slots: list[Slot]
    done: set[str] = field(default_factory=set)

    def attempt(self, act: str, case_no: int, slot_no: int) -> None:
        """Try an act; a refusal is an answer too, and changes nothing."""
        case_id, slot = self.case_ids[case_no], self.slots[slot_no]
        with suppress(ConsultError):
            getattr(self, f"_{act}")(case_id, slot)
            self.done.add(act)

    def do(self, by: str, step: Callable[..., Any], **kwargs: Any) -> Any:
        actor = self.office.desk if by == "desk" else self.office.world.physician
        return self.office.clinic.do(actor, step, **kwargs)

    def case(self, case_id: str) -> Case:
        return self.office.clinic.system(cases.get_case, case_id=case_id)

    def known(self, case_id: str) -> list[Referral]:
        return self.office.clinic.system(referrals.list_referrals, case_id=case_id)

    def _hold(self, case_id: str, slot: Slot) -> None:
        limits = book().holds
        self.do("doctor", service_hold.hold_slot, slot_id=slot.id, case_id=case_id, limits=limits)

    def _release(self, case_id: str, _slot: Slot) -> None:
        self.do("doctor", service_hold.release_hold, case_id=case_id)

    def _refer(self, case_id: str, _slot: Slot) -> None:
        rules, wish = book().referrals, request(self.office)
        self.do("doctor", service_open.open_referral, case_id=case_id, wish=wish, rules=rules)

    def _press(self, case_id: str, slot: Slot) -> None:
        self.do(
            "doctor",
            service_book.refer_and_book,
            case_id=case_id,
            slot_id=slot.id,
            wish=request(self.office),
            rules=book().referrals,
        )

    def _confirm(self, case_id: str, slot: Slot) -> None:
        newest = self._newest(case_id)
        step = service_book.confirm_booking
        self.do("doctor", step, referral_id=newest.id, slot_id=slot.id)

    def _cancel(self, case_id: str, _slot: Slot, side: Side = Side.INVITING) -> None:
        newest = self._newest(case_id)
        self.do(
            "doctor" if side is Side.INVITING else "desk",
            service_book.cancel_booking,
            referral_id=newest.id,
            revision=newest.revision,
            reason="改期",
            rules=book().referrals,
        )

    def _cancel_desk(self, case_id: str, slot: Slot) -> None:
        self._cancel(case_id, slot, Side.DESK)

    def _lost(self, case_id: str, _slot: Slot) -> None:
        self._end(case_id, ReferralStatus.LOST, Side.DESK)

    def _declined(self, case_id: str, _slot: Slot) -> None:
        self._end(case_id, ReferralStatus.DECLINED, Side.DESK)

    def _taken_back(self, case_id: str, _slot: Slot) -> None:
        self._end(case_id, ReferralStatus.CANCELLED, Side.INVITING)

    def _refused(
        self, case_id: str, _slot: Slot, how: ReferralStatus = ReferralStatus.PATIENT_DECLINED
    ) -> None:
        self.do(
            "doctor",
            service_end.end_before,
            case_id=case_id,
            how=how,
            reason="先观察",
            rules=book().referrals,
        )

    def _outside(self, case_id: str, slot: Slot) -> None:
        self._refused(case_id, slot, ReferralStatus.OUTSIDE)

    def _move(self, case_id: str, slot: Slot, by: str = "doctor") -> None:
        newest = self._newest(case_id)
        coming = self._appointment(newest) or _raise()
        self.do(
            by,
            service_book.confirm_booking,
            referral_id=newest.id,
            slot_id=slot.id,
            replaces=coming.id,
        )

    def _move_desk(self, case_id: str, slot: Slot) -> None:
        self._move(case_id, slot, "desk")

    def _end(self, case_id: str, how: ReferralStatus, side: Side) -> None:
        newest = self._newest(case_id)
        self.do(
            "desk" if side is Side.DESK else "doctor",
            service_end.end_referral,
            referral_id=newest.id,
            revision=newest.revision,
            how=how,
            reason="原因",
        )

    def _arrive(self, case_id: str, _slot: Slot) -> None:
        self._at_desk(case_id, service_desk.mark_arrived)

    def _noshow(self, case_id: str, _slot: Slot) -> None:
        self._at_desk(case_id, service_desk.mark_noshow, rules=book().referrals)

    def _outcome(self, case_id: str, _slot: Slot) -> None:
        self._at_desk(case_id, service_desk.record_outcome, outcome=OUTCOME)

    def _at_desk(self, case_id: str, step: Callable[..., Any], **kwargs: Any) -> None:
        newest = self._newest(case_id)
        self.do("desk", step, referral_id=newest.id, revision=newest.revision, **kwargs)

    def _close(self, case_id: str, _slot: Slot) -> None:
        revision = self.case(case_id).revision
        self.do("doctor", service_end.close_case, case_id=case_id, revision=revision)

    def _expire(self, _case_id: str, _slot: Slot) -> None:
        self.office.clinic.system(service_hold.expire_holds)

    def _minutes(self, _case_id: str, _slot: Slot) -> None:
        self.office = self.office.at(self.office.clinic.later(minutes=10))

    def _day(self, _case_id: str, _slot: Slot) -> None:
        self.office = self.office.at(self.office.clinic.later(hours=12))

    def _newest(self, case_id: str) -> Referral:
        return next(iter(self.known(case_id)), None) or _raise()

    def check(self) -> None:
        """What must hold at every moment."""
        booked, begun = 0, Counter[str]()
        for case_id in self.case_ids:
            case, known = self.case(case_id), self.known(case_id)
            live = [referral for referral in known if referral.is_live]
            assert len(live) <= 1
            begun.update(str(referral.patient_id) for referral in live)
            assert (case.status is CaseStatus.REFERRING) == bool(live)
            assert case.owner_id == self._accountable(case)
            for referral in known:
                newest = self._appointment(referral)
                coming = newest is not None and newest.is_coming
                assert coming == (referral.status is ReferralStatus.BOOKED)
                booked += coming
        assert set(begun.values()) <= {1}, "one live referral a person and specialty"
        slots = self._all_slots()
        held = [slot.held_case_id for slot in slots if slot.status is SlotStatus.HELD]
        assert len(held) == len(set(held))
        assert sum(slot.status is SlotStatus.BOOKED for slot in slots) >= booked

    def finish(self) -> None:
        """From wherever it stands, each case is brought to its end by acts that people have."""
        for case_id in self.case_ids:
            live = next((each for each in self.known(case_id) if each.is_live), None)
            if live is not None:
                newest = self._appointment(live)
                has_arrived = newest and newest.status is AppointmentStatus.ARRIVED
                self._outcome(case_id, self.slots[0]) if has_arrived else self._lost(
                    case_id, self.slots[0]
                )
            if self.case(case_id).status is CaseStatus.ACKNOWLEDGED:
                self._refused(case_id, self.slots[0])
            if self.case(case_id).status is not CaseStatus.CLOSED:
                self._close(case_id, self.slots[0])
            assert self.case(case_id).status is CaseStatus.CLOSED

    def _accountable(self, case: Case) -> str | None:
        if not is_open(case.status):
            return None
        if case.status is CaseStatus.REFERRING:
            return self.office.desk.practitioner_id
        return self.office.world.physician.practitioner_id

    def _appointment(self, referral: Referral) -> Any:
        return self.office.clinic.system(referrals.find_appointment, referral=referral)

    def _all_slots(self) -> list[Slot]:
        clinic = self.office.clinic.system(calendar.get_clinic, clinic_id=self.office.clinic_id)
        first, last = self.slots[0], self.slots[-1]
        return self.office.clinic.system(
            calendar.list_slots, clinics=[clinic], since=first.starts_at, until=last.ends_at
        )


@pytest.fixture(scope="module")
def beginning(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> "Beginning":
    """Three decided cases of two patients and four slots, on a file that each example copies."""
    folder = tmp_path_factory.mktemp("loop")
    shutil.copy(sqlite_template, folder / "begin.db")
    seal = load_seal(folder / "seal")
    with open_clinic(f"sqlite:///{folder / 'begin.db'}") as clinic:
        office = make_office(clinic, seal)
        slots = publish(office)
        first = make_decided(office)
        twins = clinic.system(make_decided_twins, case_id=first.id, count=1)
        case_ids = [first.id, make_second(office).id, *twins]
    return Beginning(folder, office, [str(each) for each in case_ids], slots)


@dataclass(frozen=True)
class Beginning:
    """Where every example starts."""

    folder: Path
    office: Office
    case_ids: list[str]
    slots: list[Slot]

    @contextmanager
    def open(self) -> Iterator[Life]:
        """A life of its own on a copy of the file."""
        path = self.folder / "life.db"
        for old in self.folder.glob("life.db*"):
            old.unlink()
        shutil.copy(self.folder / "begin.db", path)
        with open_clinic(f"sqlite:///{path}") as clinic:
            yield Life(self.office.at(clinic), self.case_ids, self.slots)


acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 3)), max_size=24)


@seed(20260105)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=acts)
def test_no_order_of_acts_leaves_a_referral_dead_or_a_case_without_its_person(
    beginning: Beginning, told: list[tuple[str, int, int]]
) -> None:
    with beginning.open() as life:
        life.check()
        for act, case_no, slot_no in told:
            life.attempt(act, case_no, slot_no)
            life.check()
        life.finish()
        life.check()


def test_every_act_can_succeed_in_some_order(beginning: Beginning) -> None:
    happy = [
        *("hold", "release", "hold", "press", "cancel", "hold", "confirm", "cancel_desk", "hold"),
        *("confirm", "day", "day", "arrive", "outcome", "close"),
    ]
    other = [
        "hold",
        "minutes",
        "minutes",
        "expire",
        "refer",
        "hold",
        "confirm",
        "day",
        "day",
        "day",
    ]
    with beginning.open() as life:
        for act in happy:
            life.attempt(act, 0, 0)
    with beginning.open() as missed:
        for act in [*other, "noshow", "lost"]:
            missed.attempt(act, 0, 0)
        missed.attempt("refused", 1, 0)
    with beginning.open() as moved:
        for act, slot_no in (("hold", 0), ("press", 0), ("hold", 1), ("move", 1), ("hold", 2)):
            moved.attempt(act, 0, slot_no)
        moved.attempt("move_desk", 0, 2)
        moved.attempt("outside", 1, 0)
        moved.check()
    with beginning.open() as ended:
        for act in ("refer", "declined"):
            ended.attempt(act, 0, 0)
        for act in ("refer", "taken_back"):
            ended.attempt(act, 1, 0)
    assert life.done | missed.done | moved.done | ended.done == set(ACTS)


def test_a_case_without_an_owner_would_be_noticed(beginning: Beginning) -> None:
    with beginning.open() as life:
        life.attempt("refer", 0, 0)
        life.office = Office(
            life.office.world, life.office.seal, life.office.world.expert, life.office.clinic_id
        )
        with pytest.raises(AssertionError):
            life.check()


def _raise() -> Referral:
    raise ConsultError("nothing-referred")
