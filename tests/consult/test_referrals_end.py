"""How a referral ends and its case closes (REF-12)."""

from pathlib import Path

import pytest

from consult.access.model import ObjectType
from consult.calendar import service_hold
from consult.calendar.model import SlotStatus
from consult.cases.errors import CaseChangedError
from consult.cases.model import CaseStatus
from consult.kernel.errors import NotFoundError
from consult.referrals import service_end
from consult.referrals.errors import (
    CloseNeedsDecisionError,
    EndNotYoursError,
    LoopOpenError,
)
from consult.referrals.model import (
    ReferralStatus,
)
from consult.referrals.records import Side, VisitOutcome
from consult.reports.seal import load_seal
from consult.reports.versions import NextStep
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    Office,
    book,
    case_of,
    make_booked,
    make_decided,
    make_office,
    make_second,
)

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
        side=side,
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
            side=side,
        )


def test_a_patient_who_refuses_before_anything_was_sent_is_followed_up(office: Office) -> None:
    case = make_decided(office)
    refused = office.clinic.do(
        office.world.physician,
        service_end.decline_before,
        case_id=case.id,
        clinic_id=office.clinic_id,
        reason="患者要求先观察",
        rules=book().referrals,
    )
    assert refused.status is ReferralStatus.PATIENT_DECLINED
    assert case_of(office, refused).status is CaseStatus.FOLLOW_UP
    granted = [
        line
        for line in office.clinic.lines()
        if line.kind == "access.granted" and line.object_type == ObjectType.REFERRAL
    ]
    assert granted == []


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
    close = {"case_id": case.id, "revision": case.revision}
    office.clinic.do(office.world.physician, service_end.close_case, **close)
    with pytest.raises(CaseChangedError):
        office.clinic.do(office.world.physician, service_end.close_case, **close)
