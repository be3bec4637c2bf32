"""How a referral ends and its case closes (REF-12)."""

from pathlib import Path

import pytest

from consult.access.model import ObjectType
from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.calendar.model import SlotStatus
from consult.cases import service as cases
from consult.cases.errors import CaseChangedError
from consult.cases.model import Case, CaseStatus
from consult.kernel.errors import NotFoundError, RefusedError
from consult.referrals import service_end
from consult.referrals.errors import (
    CloseNeedsDecisionError,
    EndNotYoursError,
    LoopOpenError,
)
from consult.referrals.model import (
    ReferralStatus,
)
from consult.referrals.records import Referral, Side, VisitOutcome
from consult.reports.seal import load_seal
from consult.reports.versions import NextStep
from tests.makers.clinic import Clinic
from tests.makers.consortium import make_consortium
from tests.makers.referrals import (
    Office,
    book,
    case_of,
    make_booked,
    make_decided,
    make_office,
    make_second,
)
from tests.makers.tellings import tell_patient

OUTCOME = VisitOutcome(
    diagnosis="左眼中度NPDR伴DME",
    findings="OCT：中心凹厚度 412 μm",
    advice="抗VEGF治疗，1 月后复查",
)


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    return make_office(clinic, load_seal(tmp_path / "seal"))


@pytest.mark.parametrize(
    ("side", "how"),
    [
        (Side.INVITING, ReferralStatus.PATIENT_DECLINED),
        (Side.INVITING, ReferralStatus.CANCELLED),
        (Side.INVITING, ReferralStatus.LOST),
        (Side.INVITING, ReferralStatus.OUTSIDE),
        (Side.DESK, ReferralStatus.DECLINED),
        (Side.DESK, ReferralStatus.LOST),
    ],
)
def test_a_referral_that_ends_without_a_visit_is_followed_up(
    office: Office, side: Side, how: ReferralStatus
) -> None:
    referral, appointment = make_booked(office)
    by = office.world.physician if side is Side.INVITING else office.desk
    ended = office.clinic.do(
        by,
        service_end.end_referral,
        referral_id=referral.id,
        revision=referral.revision,
        how=how,
        reason="电话三次未接通",
    )
    assert (ended.status, ended.end_reason) == (how, "电话三次未接通")
    slot = office.clinic.system(service_hold.get_slot, slot_id=appointment.slot_id)
    assert slot.status is SlotStatus.FREE
    case = case_of(office, referral)
    assert case.status is CaseStatus.FOLLOW_UP
    assert case.owner_id == office.world.physician.practitioner_id


@pytest.mark.parametrize(
    ("side", "how"),
    [
        (Side.INVITING, ReferralStatus.DECLINED),
        (Side.INVITING, ReferralStatus.SEEN),
        (Side.DESK, ReferralStatus.CANCELLED),
        (Side.DESK, ReferralStatus.OUTSIDE),
        (Side.DESK, ReferralStatus.REQUESTED),
    ],
)
def test_an_end_is_said_by_its_own_side(office: Office, side: Side, how: ReferralStatus) -> None:
    referral, _ = make_booked(office)
    by = office.world.physician if side is Side.INVITING else office.desk
    with pytest.raises(EndNotYoursError):
        office.clinic.do(
            by,
            service_end.end_referral,
            referral_id=referral.id,
            revision=referral.revision,
            how=how,
            reason="原因",
        )


@pytest.mark.parametrize(
    "how",
    [
        ReferralStatus.PATIENT_DECLINED,
        ReferralStatus.OUTSIDE,
        ReferralStatus.LOST,
        ReferralStatus.CANCELLED,
    ],
)
def test_without_any_clinic_the_physician_says_how_the_referral_ended(
    clinic: Clinic, tmp_path: Path, how: ReferralStatus
) -> None:
    world = make_consortium(clinic)
    bare = Office(world, load_seal(tmp_path / "seal"), desk=world.leader, clinic_id="")
    case = make_decided(bare)
    assert clinic.do(world.physician, calendar.list_clinics) == []
    ended = end_before(bare, case, how)
    assert (ended.status, ended.clinic_id, ended.to_institution_id) == (how, None, None)
    after = case_of(bare, ended)
    assert (after.status, after.owner_id) == (CaseStatus.FOLLOW_UP, world.physician.person)
    if how is ReferralStatus.CANCELLED:
        tell_patient(world, case.id)
    revision = clinic.do(world.physician, cases.get_case, case_id=case.id).revision
    closed = clinic.do(world.physician, service_end.close_case, case_id=case.id, revision=revision)
    assert closed.status is CaseStatus.CLOSED


def test_what_ended_before_it_was_sent_opened_nothing_to_a_hospital(office: Office) -> None:
    end_before(office, make_decided(office), ReferralStatus.PATIENT_DECLINED)
    granted = [
        line
        for line in office.clinic.lines()
        if line.kind == "access.granted" and line.object_type == ObjectType.REFERRAL
    ]
    assert granted == []


@pytest.mark.parametrize("how", [ReferralStatus.DECLINED, ReferralStatus.SEEN])
def test_the_physician_does_not_say_what_only_a_hospital_can(
    office: Office, how: ReferralStatus
) -> None:
    with pytest.raises(EndNotYoursError):
        end_before(office, make_decided(office), how)


def test_an_end_needs_its_reason(office: Office) -> None:
    with pytest.raises(RefusedError):
        end_before(office, make_decided(office), ReferralStatus.OUTSIDE, reason=" ")


def end_before(
    office: Office, case: Case, how: ReferralStatus, *, reason: str = "患者自行预约市医院"
) -> Referral:
    return office.clinic.do(
        office.world.physician,
        service_end.end_before,
        case_id=case.id,
        how=how,
        reason=reason,
        rules=book().referrals,
    )


def test_a_case_is_closed_by_its_own_side_when_no_referral_is_under_way(office: Office) -> None:
    referral, _ = make_booked(office)
    case = case_of(office, referral)
    close = {"case_id": case.id, "revision": case.revision}
    with pytest.raises(LoopOpenError):
        office.clinic.do(office.world.physician, service_end.close_case, **close)
    with pytest.raises(NotFoundError):
        office.clinic.do(office.desk, service_end.close_case, **close)
    undecided = make_second(office)
    with pytest.raises(CloseNeedsDecisionError):
        office.clinic.do(
            office.world.physician,
            service_end.close_case,
            case_id=undecided.id,
            revision=undecided.revision,
        )


def test_a_case_in_follow_up_without_referral_is_closed_once(office: Office) -> None:
    case = make_decided(office, next_step=NextStep.FOLLOW_UP)
    tell_patient(office.world, case.id)
    case = office.clinic.system(cases.get_case, case_id=case.id)
    close = {"case_id": case.id, "revision": case.revision}
    office.clinic.do(office.world.physician, service_end.close_case, **close)
    with pytest.raises(CaseChangedError):
        office.clinic.do(office.world.physician, service_end.close_case, **close)
