"""One live referral a person and specialty: the second request opens the first (REF-12)."""

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.calendar import service as calendar
from consult.cases import service as cases
from consult.cases.model import Case
from consult.cases.tables import CaseRow
from consult.kernel.ids import CaseId, ReferralId, new_id
from consult.kernel.work import Work
from consult.referrals import one_live, service_end, service_open
from consult.referrals.errors import ReferralLiveError
from consult.referrals.model import ReferralStatus
from consult.referrals.records import Referral
from consult.reports.seal import load_seal
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    Office,
    book,
    clinic_facts,
    confirm,
    hold,
    make_decided,
    make_office,
    make_second,
    publish,
    refer,
    request,
    reread,
)
from tests.makers.twins import copy_patient, copy_row, make_decided_twins

RACERS = 8


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    return make_office(clinic, load_seal(tmp_path / "seal"))


def test_a_second_case_of_the_patient_is_led_to_the_live_referral(office: Office) -> None:
    (case, again), slot = _two_cases(office), publish(office)[0]
    first = refer(office, case)
    hold(office, case, slot)
    appointment = confirm(office, first, slot)
    with pytest.raises(ReferralLiveError) as refusal:
        refer(office, again)
    told = refusal.value.told
    assert (told.referral_id, told.number, told.case_id) == (first.id, first.number, case.id)
    assert told.requested_by.name == "陈立民"
    assert (told.requested_at, told.starts_at) == (first.requested_at, appointment.starts_at)
    facts = refusal.value.facts
    assert facts["booked_on"] == appointment.starts_at.date().isoformat()
    assert {"reason", "name", "patient_id"}.isdisjoint(facts)


def test_another_institution_is_told_of_it_but_not_led_there(office: Office) -> None:
    case = make_decided(office)
    first = refer(office, case)
    stranger = office.world.stranger
    theirs = office.clinic.system(_at, case_id=case.id, institution_id=stranger.institution)
    wanted = {"case": theirs, "specialties": {clinic_facts().department}}
    [told] = office.clinic.do(stranger, one_live.track, **wanted).values()
    assert (told.number, told.inviting.id) == (first.number, case.institution_id)
    assert told.case_id is None
    [own] = office.clinic.do(office.world.physician, one_live.track, **wanted | {"case": case})
    assert own == clinic_facts().department


def test_another_specialty_or_another_person_is_no_second_referral(office: Office) -> None:
    case, again = _two_cases(office)
    refer(office, case)
    glaucoma = office.clinic.do(
        office.desk,
        calendar.add_clinic,
        facts=clinic_facts(name="青光眼门诊", department="青光眼科"),
    )
    assert refer(office, again, clinic_id=glaucoma.id)
    assert refer(office, make_second(office))


def test_the_same_department_spelt_with_other_spaces_is_the_same(office: Office) -> None:
    case, again = _two_cases(office)
    refer(office, case)
    spaced = office.clinic.do(
        office.desk, calendar.add_clinic, facts=clinic_facts(name="二", department="眼底病 科")
    )
    with pytest.raises(ReferralLiveError):
        refer(office, again, clinic_id=spaced.id)


def test_after_its_end_the_patient_may_be_referred_again(office: Office) -> None:
    case, again = _two_cases(office)
    first = refer(office, case)
    office.clinic.do(
        office.desk,
        service_end.end_referral,
        referral_id=first.id,
        revision=first.revision,
        how=ReferralStatus.DECLINED,
        reason="设备检修",
    )
    assert refer(office, again).is_live
    assert not reread(office, first).is_live


def test_of_many_cases_of_one_patient_at_once_one_is_referred(office: Office) -> None:
    case = make_decided(office)
    twins = office.clinic.system(make_decided_twins, case_id=case.id, count=RACERS)
    racers: list[Future[Any]] = [
        office.clinic.start(
            office.world.physician,
            service_open.open_referral,
            case_id=twin,
            wish=request(office),
            rules=book().referrals,
        )
        for twin in twins
    ]
    lost = [racer.exception(timeout=20) for racer in racers]
    assert lost.count(None) == 1
    assert {type(each) for each in lost if each is not None} == {ReferralLiveError}


def test_the_database_itself_refuses_a_second_one(office: Office) -> None:
    """Where the question before is passed by, as in a race, the constraint still answers."""
    case = make_decided(office)
    first = refer(office, case)
    with pytest.raises(ReferralLiveError) as refusal:
        office.clinic.do(office.world.physician, _save_copy, referral=first)
    assert refusal.value.told.referral_id == first.id


def _two_cases(office: Office) -> tuple[Case, Case]:
    """Two decided cases of one patient."""
    case = make_decided(office)
    [twin] = office.clinic.system(make_decided_twins, case_id=case.id, count=1)
    return case, office.clinic.system(cases.get_case, case_id=twin)


def _at(work: Work, *, case_id: str, institution_id: str) -> Case:
    """A case of the same person, who has a record at another institution too."""
    row, made = work.session.get_one(CaseRow, case_id), new_id()
    patient_id = copy_patient(work, row.patient_id, institution_id=institution_id)
    changes = {"id": made, "number": made[-20:], "patient_id": patient_id}
    work.session.add(copy_row(row, institution_id=institution_id, **changes))
    work.session.flush()
    access.keep(work, Ref(ObjectType.CASE, made), custodian=(Party.INSTITUTION, institution_id))
    return cases.get_case(work, made)


def _save_copy(work: Work, *, referral: Referral) -> None:
    """Write a second row beside the live one, as the loser of a race would."""
    case = cases.get_case(work, referral.case_id)
    key = one_live.make_live_key(work, case, referral.specialty)
    second = replace(referral, id=ReferralId(new_id()), number="x", case_id=CaseId(new_id()))
    one_live.save_first(work, second, live_key=key)
