"""A withdrawn consent ends what rested on it: sent at the same moment, or shared by a referral."""

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillRunningError
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.calendar import service as calendar
from consult.cases import service as cases
from consult.cases import service_submit
from consult.cases.consents import service as consents
from consult.cases.images import service as images
from consult.cases.model import Case, CaseStatus
from consult.kernel.errors import FormRefusedError
from consult.kernel.work import Actor, Work
from consult.referrals import service as referrals
from consult.referrals import service_desk, service_end
from consult.referrals.model import ReferralStatus
from consult.referrals.records import Referral, VisitOutcome
from consult.reports import service as reports
from consult.reports.seal import load_seal
from tests.makers.cases import fill_in, give_consent, make_draft, make_patient
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, case_rules
from tests.makers.referrals import (
    Office,
    add_desk,
    arrive,
    clinic_facts,
    make_booked,
    make_decided,
    make_office,
    on_the_day,
    refer,
    reread,
)

LONG_ENOUGH_S = 0.7
LATEST_S = 20


class Racer:
    """A step that is done, and whose transaction ends when it is told to."""

    def __init__(self, clinic: Clinic, by: Actor, step: Callable[..., Any], **told: Any) -> None:
        self._done, self._go = Event(), Event()

        def held(work: Work) -> Any:
            found = step(work, **told)
            self._done.set()
            self._go.wait(LATEST_S)
            return found

        self.future: Future[Any] = clinic.start(by, held)
        assert self._done.wait(LATEST_S)

    def end(self, other: Future[Any]) -> None:
        """Commit once the other one waits for this one."""
        with pytest.raises(StillRunningError):
            other.result(timeout=LONG_ENOUGH_S)
        self._go.set()
        self.future.result(timeout=LATEST_S)


def ready(world: Consortium) -> tuple[Case, str]:
    """A draft that only has to be sent, and the consent on which it rests."""
    patient = make_patient(world)
    consent_id = give_consent(world, patient)
    return fill_in(world, make_draft(world, patient)), consent_id


def sending(case: Case) -> dict[str, Any]:
    return {"case_id": case.id, "revision": case.revision, "rules": case_rules()}


def may_see(world: Consortium, by: Actor, ref: Ref) -> bool:
    return world.clinic.do(
        by, lambda work: policy.may_see(work.session, work.actor, ref, now=work.now)
    )


def test_a_case_that_is_being_sent_is_found_by_the_withdrawal(world: Consortium) -> None:
    case, consent_id = ready(world)
    sent = Racer(world.clinic, world.physician, service_submit.submit_case, **sending(case))
    told = {"consent_id": consent_id, "reason": "患者要求"}
    taken_back = world.clinic.start(world.physician, consents.withdraw_consent, **told)
    sent.end(taken_back)
    taken_back.result(timeout=LATEST_S)
    after = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert after.status is CaseStatus.WITHDRAWN
    assert not may_see(world, world.expert, Ref(ObjectType.CASE, case.id))


def test_a_withdrawal_under_way_is_known_to_whoever_sends(world: Consortium) -> None:
    case, consent_id = ready(world)
    told = {"consent_id": consent_id, "reason": "患者要求"}
    taken_back = Racer(world.clinic, world.physician, consents.withdraw_consent, **told)
    sent = world.clinic.start(world.physician, service_submit.submit_case, **sending(case))
    taken_back.end(sent)
    with pytest.raises(FormRefusedError) as refused:
        sent.result(timeout=LATEST_S)
    assert [each.code for each in refused.value.problems] == ["consent-missing"]
    after = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert after.status is CaseStatus.DRAFT


def test_two_consents_that_end_at_once_leave_none(world: Consortium) -> None:
    case, first = ready(world)
    patient = world.clinic.do(world.physician, cases.get_case, case_id=case.id).patient_id
    person = world.clinic.do(world.physician, consents.list_consents, patient_id=patient)
    assert len(person) == 1
    second = _consent_again(world, case)
    case = world.clinic.do(world.physician, service_submit.submit_case, **sending(case))
    told = {"consent_id": first, "reason": "患者要求"}
    one = Racer(world.clinic, world.physician, consents.withdraw_consent, **told)
    other = world.clinic.start(
        world.physician, consents.withdraw_consent, consent_id=second, reason="患者要求"
    )
    one.end(other)
    other.result(timeout=LATEST_S)
    assert not may_see(world, world.expert, Ref(ObjectType.CASE, case.id))


def _consent_again(world: Consortium, case: Case) -> str:
    told = world.clinic.do(world.physician, consents.list_consents, patient_id=case.patient_id)[0]
    again = world.clinic.do(
        world.physician,
        consents.record_consent,
        patient_id=case.patient_id,
        case_id=None,
        consent=told.consent,
        rules=case_rules().consent,
    )
    return again.id


@pytest.fixture(params=["the answering hospital", "another hospital"])
def office(request: pytest.FixtureRequest, clinic: Clinic, tmp_path: Path) -> Office:
    """A referral office of the hospital whose expert read the case, or of another one."""
    here = make_office(clinic, load_seal(tmp_path))
    if request.param == "the answering hospital":
        return here
    desk = add_desk(here.world, "tan", name="谭洁", at=here.world.other_id)
    added = clinic.do(desk, calendar.add_clinic, facts=clinic_facts())
    return Office(here.world, here.seal, desk, added.id)


def withdraw(office: Office, referral: Referral) -> None:
    """The patient takes her consent back."""
    do, by = office.clinic.do, office.world.physician
    (consent,) = do(by, consents.list_consents, patient_id=referral.patient_id)
    do(by, consents.withdraw_consent, consent_id=consent.id, reason="患者要求")


def shared(office: Office, referral: Referral) -> list[Ref]:
    """Case, photographs and reports."""
    told = {"case_id": referral.case_id}
    studies = office.clinic.system(images.studies_of, **told)
    signed = office.clinic.system(reports.list_reports, **told)
    assert studies
    assert signed
    return [
        Ref(ObjectType.CASE, referral.case_id),
        *(Ref(ObjectType.STUDY, each) for each in studies),
        *(reports.report_ref(each.id) for each in signed),
    ]


def test_a_booked_referral_keeps_who_comes_and_nothing_of_the_case(office: Office) -> None:
    world = office.world
    referral, appointment = make_booked(office)
    told = shared(office, referral)
    patient = Ref(ObjectType.PATIENT, referral.patient_id)
    written_there = {reports.report_ref(referral.report_id)}  # the expert's own hospital keeps it
    for ref in (*told, patient):
        assert may_see(world, office.desk, ref)
    withdraw(office, referral)
    for ref in told:
        if ref not in written_there:
            assert not may_see(world, world.expert, ref), ref
        if ref not in written_there or office.desk.institution_id != world.lead_id:
            assert not may_see(world, office.desk, ref), ref
        assert may_see(world, world.physician, ref), ref
    assert may_see(world, office.desk, patient)
    assert may_see(world, office.desk, Ref(ObjectType.APPOINTMENT, appointment.id))
    assert may_see(world, world.expert, patient) is (office.desk.institution_id == world.lead_id)
    ended = [line.codes["why"] for line in office.clinic.lines() if line.kind == "access.ended"]
    assert ended == [f"case:{referral.case_id}", f"referral:{referral.id}"]


def test_the_office_still_receives_the_patient_and_tells_the_outcome(office: Office) -> None:
    referral, _appointment = make_booked(office)
    withdraw(office, referral)
    today = on_the_day(office)
    arrived = arrive(today, referral)
    outcome = VisitOutcome(diagnosis="非增生期", findings="", advice="半年后复查")
    told = {"referral_id": referral.id, "revision": arrived.revision, "outcome": outcome}
    today.clinic.do(office.desk, service_desk.record_outcome, **told)
    assert reread(office, referral).status is ReferralStatus.SEEN


def test_an_ended_referral_keeps_nobodys_name(office: Office) -> None:
    referral, _appointment = make_booked(office)
    withdraw(office, referral)
    told = {"how": ReferralStatus.DECLINED, "reason": "本院不能接诊"}
    revision = reread(office, referral).revision
    office.clinic.do(
        office.desk,
        service_end.end_referral,
        referral_id=referral.id,
        revision=revision,
        **told,
    )
    assert not may_see(office.world, office.desk, Ref(ObjectType.PATIENT, referral.patient_id))


def test_a_referral_after_the_withdrawal_shares_no_case(office: Office) -> None:
    case = make_decided(office)
    do, by = office.clinic.do, office.world.physician
    (consent,) = do(by, consents.list_consents, patient_id=case.patient_id)
    do(by, consents.withdraw_consent, consent_id=consent.id, reason="患者要求")
    referral = refer(office, case)
    assert not may_see(office.world, office.desk, Ref(ObjectType.CASE, case.id))
    assert may_see(office.world, office.desk, Ref(ObjectType.PATIENT, case.patient_id))
    assert do(office.desk, referrals.get_referral, referral_id=referral.id).is_live
