"""A referral office with some patients and a clock, on which whatever people do is tried."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from consult.calendar import audit as calendar_audit
from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.clinics import Slot, Stop
from consult.calendar.model import BookingMode, SlotStatus
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, is_open
from consult.journal.row_audit import RowsTold, check_rows
from consult.kernel.errors import ConsultError
from consult.kernel.faults import Fault
from consult.kernel.work import Work
from consult.referrals import audit as referrals_audit
from consult.referrals import service as referrals
from consult.referrals import (
    service_book,
    service_calls,
    service_desk,
    service_end,
    service_open,
    service_request,
    service_salvage,
    service_stop,
    service_triage,
)
from consult.referrals.calls import CallResult, Spoken
from consult.referrals.desk import DeskView
from consult.referrals.model import AppointmentStatus, ReferralStatus, RequeueCause
from consult.referrals.records import Referral, Side, VisitOutcome
from consult.referrals.salvage import SalvageOutcome
from consult.referrals.service_request import WrittenBack
from consult.referrals.service_salvage import SalvageEnd
from consult.reports.model import ReferralUrgency
from tests.makers.clinic import open_clinic
from tests.makers.referrals import (
    Office,
    book,
    clinic_facts,
    publish,
    request,
)
from tests.makers.tellings import tell_patient, tellings_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
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
        "tell",
        "close",
        "expire",
        "minutes",
        "day",
    ),
    *("stop", "reopen", "call", "salvage_refused", "salvage_lost", "salvage_elsewhere", "take"),
    *("by_request", "by_pool", "write_back", "ask_again", "unanswered"),
    *("accept", "upgrade", "redirect", "returned"),
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

    def _tell(self, case_id: str, _slot: Slot) -> None:
        tell_patient(self.office.world, case_id)

    def _close(self, case_id: str, _slot: Slot) -> None:
        revision = self.case(case_id).revision
        self.do("doctor", service_end.close_case, case_id=case_id, revision=revision)

    def _expire(self, _case_id: str, _slot: Slot) -> None:
        self.office.clinic.system(service_hold.expire_holds)

    def _minutes(self, _case_id: str, _slot: Slot) -> None:
        self.office = self.office.at(self.office.clinic.later(minutes=10))

    def _day(self, _case_id: str, _slot: Slot) -> None:
        self.office = self.office.at(self.office.clinic.later(hours=12))

    def _stop(self, _case_id: str, slot: Slot) -> None:
        self.do(
            "desk",
            service_stop.stop_clinic,
            clinic_id=self.office.clinic_id,
            stop=Stop(reason="停诊", slot_ids=(slot.id,)),
            rules=book().referrals,
        )

    def _reopen(self, _case_id: str, slot: Slot) -> None:
        first, last = (at.astimezone(SHANGHAI).time() for at in (slot.starts_at, slot.ends_at))
        publish(self.office, start=first, end=last)

    def _call(self, case_id: str, _slot: Slot) -> None:
        self.do(
            "doctor",
            service_calls.log_call,
            referral_id=self._newest(case_id).id,
            whom=Spoken.PATIENT,
            result=CallResult.NO_ANSWER,
        )

    def _salvage_refused(self, case_id: str, _slot: Slot) -> None:
        self._salvage(case_id, SalvageOutcome.REFUSED)

    def _salvage_lost(self, case_id: str, _slot: Slot) -> None:
        self._salvage(case_id, SalvageOutcome.LOST)

    def _salvage_elsewhere(self, case_id: str, _slot: Slot) -> None:
        self._salvage(case_id, SalvageOutcome.ELSEWHERE)

    def _salvage(self, case_id: str, outcome: SalvageOutcome) -> None:
        referral_id = self._newest(case_id).id
        _, salvage = self.do("doctor", service_salvage.get_salvage, referral_id=referral_id)
        self.do(
            "doctor",
            service_salvage.record_outcome,
            referral_id=referral_id,
            revision=salvage.revision,
            said=SalvageEnd(outcome, "原因", risk_told=True),
            rules=book().referrals,
        )

    def _take(self, case_id: str, _slot: Slot) -> None:
        newest = self._newest(case_id)
        self.do("doctor", service_salvage.take_over, referral_id=newest.id, revision=1)

    def _by_request(self, _case_id: str, _slot: Slot) -> None:
        self._set_mode(BookingMode.REQUEST)

    def _by_pool(self, _case_id: str, _slot: Slot) -> None:
        self._set_mode(BookingMode.DIRECT)

    def _set_mode(self, mode: BookingMode) -> None:
        clinic_id = self.office.clinic_id
        clinic = self.do("desk", calendar.get_clinic, clinic_id=clinic_id)
        self.do(
            "desk",
            calendar.change_clinic,
            clinic_id=clinic_id,
            revision=clinic.revision,
            facts=clinic_facts(mode=mode),
        )

    def _write_back(self, case_id: str, _slot: Slot) -> None:
        newest = self._newest(case_id)
        self.do(
            "desk",
            service_request.write_back,
            referral_id=newest.id,
            revision=newest.revision,
            told=WrittenBack(self.office.clinic.now.date() + timedelta(days=1), time(8, 30)),
            rules=book().slots,
        )

    def _ask_again(self, case_id: str, _slot: Slot) -> None:
        newest = self._newest(case_id)
        self.do(
            "doctor",
            service_request.ask_again,
            referral_id=newest.id,
            revision=newest.revision,
            rules=book().referrals,
        )

    def _returned(self, case_id: str, _slot: Slot) -> None:
        self._end(case_id, ReferralStatus.RETURNED, Side.DESK)

    def _triage(self, case_id: str, step: Callable[..., Referral], **told: Any) -> None:
        newest = self._newest(case_id)
        self.do("desk", step, referral_id=newest.id, revision=newest.revision, **told)

    def _accept(self, case_id: str, _slot: Slot) -> None:
        self._triage(case_id, service_triage.accept)

    def _upgrade(self, case_id: str, _slot: Slot) -> None:
        told = {"urgency": ReferralUrgency.URGENT, "reason": "视力骤降", "rules": book().referrals}
        self._triage(case_id, service_triage.upgrade, **told)

    def _redirect(self, case_id: str, _slot: Slot) -> None:
        clinics = self.do("desk", calendar.list_own_clinics)
        other = next((each for each in clinics if each.id != self._newest(case_id).clinic_id), None)
        if other is None:
            self.do("desk", calendar.add_clinic, facts=clinic_facts(name="青光眼门诊"))
            return
        to = service_triage.Redirection(other.id, "专科更合适")
        self._triage(case_id, service_triage.redirect, to=to, rules=book().referrals)

    def _unanswered(self, _case_id: str, _slot: Slot) -> None:
        self.office.clinic.system(service_request.note_unanswered)

    def _newest(self, case_id: str) -> Referral:
        return next(iter(self.known(case_id)), None) or _raise()

    def check(self) -> None:
        """What must hold at every moment."""
        booked: list[str | None] = []
        begun = Counter[str]()
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
                booked += [newest.slot_id] if coming else []
            self._check_lists(live)
        assert set(begun.values()) <= {1}, "one live referral a person and specialty"
        slots = self._all_slots()
        held = [slot.held_case_id for slot in slots if slot.status is SlotStatus.HELD]
        assert len(held) == len(set(held))
        taken = {slot.id for slot in slots if slot.status is SlotStatus.BOOKED}
        assert taken >= {each for each in booked if each is not None}, "none on a stopped slot"

    def _check_lists(self, live: list[Referral]) -> None:
        """Whoever waits stands on a list of somebody; a missed visit has one who follows up."""
        for referral in live:
            assert referral.id in self._listed(DeskView.OPEN)
            waits = referral.status is ReferralStatus.REQUESTED
            lost = self._appointment(referral) is not None
            assert (waits and lost) == (referral.id in self._listed(DeskView.REBOOK))
            salvage = self.office.clinic.system(service_salvage.find_salvage, referral=referral)
            is_open = salvage is not None and salvage.is_open
            assert is_open == (referral.requeued_because is RequeueCause.NOSHOW)
            if is_open:
                assert salvage.owner_id == self.office.world.physician.practitioner_id

    def check_rows(self) -> None:
        """The journal tells of every row as it stands."""
        held = (*calendar_audit.KEPT, *referrals_audit.KEPT)
        told = RowsTold(held)
        for line in self.office.clinic.lines():
            told.note(line)

        def look(work: Work) -> list[Fault]:
            found = check_rows(work.session, told, vault=work.vault)
            return [each for each in found if isinstance(each, Fault)]

        assert self.office.clinic.system(look) == []

    def _listed(self, view: DeskView) -> set[str]:
        found = self.do("desk", service_desk.list_desk, view=view, rules=book().referrals)
        return {line.referral.id for line in found}

    def finish(self) -> None:
        """From wherever it stands, each case is brought to its end by acts that people have."""
        for case_id in self.case_ids:
            live = next((each for each in self.known(case_id) if each.is_live), None)
            if live is not None:
                newest = self._appointment(live)
                has_arrived = newest and newest.status is AppointmentStatus.ARRIVED
                if has_arrived:
                    self._outcome(case_id, self.slots[0])
                elif live.requeued_because is RequeueCause.NOSHOW:
                    self._salvage_refused(case_id, self.slots[0])
                else:
                    self._lost(case_id, self.slots[0])
            if self.case(case_id).status is CaseStatus.ACKNOWLEDGED:
                self._refused(case_id, self.slots[0])
            if any(each.is_open for each in tellings_of(self.office.world, case_id)):
                self._tell(case_id, self.slots[0])
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


def _raise() -> Referral:
    raise ConsultError("nothing-referred")
