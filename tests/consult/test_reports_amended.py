"""Who sees an amended report: everybody who was shown the version before it, and nobody else.

No step of the loop takes an answered case back to its reader yet, so the tests write that status.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from consult.access import service as access
from consult.calendar import service as calendar
from consult.cases.model import Case, CaseStatus
from consult.cases.tables import CaseRow
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor, Work
from consult.referrals.events import referral_ref, why_granted
from consult.referrals.records import Referral
from consult.reports import service as reports
from consult.reports.model import ReportStatus
from consult.reports.seal import load_seal
from consult.reports.versions import Report
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    Office,
    add_desk,
    clinic_facts,
    make_decided,
    make_office,
    refer,
)
from tests.makers.reports import prepare, sign


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    """A third hospital's referral office: neither the inviting nor the invited side."""
    lead = make_office(clinic, load_seal(tmp_path))
    desk = add_desk(lead.world, "shi", name="石岚", at=lead.world.other_id)
    added = clinic.do(desk, calendar.add_clinic, facts=clinic_facts())
    return replace(lead, desk=desk, clinic_id=added.id)


def amend(office: Office, case: Case) -> Report:
    """The expert signs a second version."""
    world = office.world
    office.clinic.system(_back_to_the_list, case_id=case.id)
    shown = prepare(world, case, by=world.expert)
    return sign(world, case, by=world.expert, shown=shown, seal=office.seal)


def _back_to_the_list(work: Work, *, case_id: str) -> None:
    work.session.execute(
        update(CaseRow).where(CaseRow.id == case_id).values(status=CaseStatus.ASSIGNED)
    )


def end_what_it_opened(office: Office, referral: Referral) -> None:
    """As the end of a referral does."""
    office.clinic.system(
        access.end_every_grant, about=referral_ref(referral.id), why=why_granted(referral.id)
    )


def sees(office: Office, actor: Actor, report: Report) -> bool:
    """Whether this person opens the report."""
    try:
        office.clinic.do(actor, reports.get_report, report_id=report.id)
    except NotFoundError:
        return False
    return True


def test_the_hospital_that_receives_the_patient_sees_the_amended_report(office: Office) -> None:
    case = make_decided(office)
    refer(office, case)
    amended = amend(office, case)
    assert (amended.version, amended.status) == (2, ReportStatus.AMENDED)
    assert sees(office, office.desk, amended)
    assert sees(office, office.world.physician, amended)
    granted = [
        (line.codes["to"], line.codes["why"])
        for line in office.clinic.lines()
        if (line.kind, line.object_id) == ("access.granted", amended.id)
    ]
    assert [to for to, _why in granted] == [office.world.centre_id, office.world.other_id]


def test_a_hospital_without_a_referral_sees_no_version(office: Office) -> None:
    case = make_decided(office)
    amended = amend(office, case)
    assert not sees(office, office.desk, amended)
    assert sees(office, office.world.physician, amended)
    assert sees(office, office.world.expert, amended)


def test_a_hospital_whose_referral_has_ended_sees_no_later_version(office: Office) -> None:
    case = make_decided(office)
    end_what_it_opened(office, refer(office, case))
    assert not sees(office, office.desk, amend(office, case))


def test_the_end_of_the_referral_takes_the_amended_report_back_too(office: Office) -> None:
    case = make_decided(office)
    referral = refer(office, case)
    amended = amend(office, case)
    end_what_it_opened(office, referral)
    assert not sees(office, office.desk, amended)
