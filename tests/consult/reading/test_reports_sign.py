"""Signing: exactly what was shown, once, by whoever holds the case."""

from concurrent.futures import Future
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.kernel.errors import FormRefusedError, NotFoundError
from consult.people.patients import service as patients
from consult.people.practitioners.errors import LicenceExpiredError
from consult.queue import service as queue
from consult.queue.errors import CaseNotYoursError, NotOnPanelError
from consult.reports import service as reports
from consult.reports import service_looks, service_sign
from consult.reports.errors import (
    DraftMissingError,
    ShownChangedError,
)
from consult.reports.model import ReferralNeed, ReportStatus
from consult.reports.seal import SystemSeal
from consult.reports.verify import broken_parts, content_of
from consult.reports.versions import Report
from tests.makers.cases import patient_form
from tests.makers.consortium import Consortium, expire_licence, patient_rules
from tests.makers.reports import (
    at_once,
    claim,
    full_body,
    look_at_all,
    make_read_case,
    make_signed,
    off_panel,
    prepare,
    problems_of,
    report_rules,
    show,
    sign,
    write,
)


def test_a_signature_holds_whatever_zone_the_clock_was_read_in(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    shown = prepare(world, case, by=world.expert)
    local = replace(world, clinic=world.clinic.at(world.clinic.now.astimezone(shanghai)))
    report = sign(local, case, by=world.expert, shown=shown, seal=seal)
    read = world.clinic.do(world.physician, reports.get_report, report_id=report.id)
    assert broken_parts(read, seal=seal) == ()


def test_signing_answers_the_case_and_opens_the_report_to_the_inviting_side(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    report = sign(
        world, case, by=world.expert, shown=prepare(world, case, by=world.expert), seal=seal
    )

    answered = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    read = world.clinic.do(world.physician, reports.get_report, report_id=report.id)
    assert (answered.status, answered.owner_id) == (CaseStatus.REPORTED, world.physician.person)
    assert (read.status, read.version, broken_parts(read, seal=seal)) == (
        ReportStatus.FINAL,
        1,
        (),
    )
    assert world.clinic.do(world.expert, queue.find_claim, case_id=case.id) is None
    assert world.clinic.do(world.expert, reports.get_draft, case_id=case.id) is None
    with pytest.raises(NotFoundError):
        world.clinic.do(world.stranger, reports.get_report, report_id=report.id)


def test_what_was_signed_names_both_sides_the_images_and_the_rules(
    world: Consortium, seal: SystemSeal
) -> None:
    content: Any = content_of(make_signed(world, seal=seal))

    assert content["author"]["name"] == "李文博"
    assert content["requesting"]["name"] == "陈立民"
    assert content["inviting"]["name"] == "云溪镇中心卫生院"
    assert content["title"]["zh"] == "远程眼底影像诊断报告"
    assert len(content["materials"]) == 4
    assert all(image["seen_at"] and image["sha256"] for image in content["materials"])
    assert content["diagnoses"][1] == {
        "code": "H36.0",
        "zh": "糖尿病视网膜病变",
        "en": "Diabetic retinopathy",
    }
    assert content["rules"]["outcome"] == "outcome 2026.2"


def test_an_unfinished_report_is_not_signed_and_says_all_that_is_missing(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)
    look_at_all(world, case, by=world.expert)
    with pytest.raises(DraftMissingError):
        show(world, case, by=world.expert)
    write(world, case, by=world.expert, body=full_body(need=ReferralNeed.NONE, advice=" "))

    with pytest.raises(FormRefusedError) as refusal:
        show(world, case, by=world.expert)

    assert {"advice", "referral_need", "referral_urgency"} <= set(problems_of(refusal))


@pytest.mark.parametrize("change", ["draft", "patient", "images"])
def test_a_change_between_showing_and_signing_is_refused(
    world: Consortium, case: Case, seal: SystemSeal, change: str
) -> None:
    shown = prepare(world, case, by=world.expert)
    _change(world, case, change)

    with pytest.raises(ShownChangedError):
        sign(world, case, by=world.expert, shown=shown, seal=seal)

    assert "report.signed" not in world.clinic.kinds()
    again = show(world, case, by=world.expert)
    assert sign(world, case, by=world.expert, shown=again, seal=seal).version == 1


def test_a_hash_of_nothing_that_was_shown_signs_nothing(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    shown = prepare(world, case, by=world.expert)

    with pytest.raises(ShownChangedError):
        sign(world, case, by=world.expert, shown=shown, seal=seal, shown_sha256="0" * 64)


def test_nobody_signs_without_a_live_claim(world: Consortium, case: Case, seal: SystemSeal) -> None:
    shown = prepare(world, case, by=world.expert)

    with pytest.raises(CaseNotYoursError):
        sign(world, case, by=world.leader, shown=shown, seal=seal)
    late = replace(world, clinic=world.clinic.later(minutes=61))
    with pytest.raises(CaseNotYoursError):
        sign(late, case, by=world.expert, shown=shown, seal=seal)
    world.clinic.do(world.expert, queue.release_case, case_id=case.id)
    with pytest.raises(CaseNotYoursError):
        sign(world, case, by=world.expert, shown=shown, seal=seal)


def test_nobody_signs_without_a_licence_or_off_the_panel(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    shown = prepare(world, case, by=world.expert)

    with pytest.raises(NotOnPanelError):
        sign(world, case, by=off_panel(world.expert), shown=shown, seal=seal)
    expire_licence(world, world.expert.person)
    with pytest.raises(LicenceExpiredError):
        sign(world, case, by=world.expert, shown=shown, seal=seal)


def test_of_two_signatures_at_once_exactly_one_stands(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    shown = prepare(world, case, by=world.expert)
    futures = at_once(10, lambda: _start_signing(world, case, shown.shown_sha256, seal))

    assert sum(future.exception() is None for future in futures) == 1
    assert len(world.clinic.do(world.expert, reports.list_reports, case_id=case.id)) == 1
    assert world.clinic.kinds().count("report.signed") == 1


def test_every_service_type_gives_its_own_title(world: Consortium) -> None:
    case = make_read_case(world, service_type=ServiceType.SCREENING_READ)
    shown: Any = prepare(world, case, by=world.expert).content

    assert shown["title"]["zh"] == "眼底筛查阅片报告"
    assert shown["author"]["record_of"] == ["reporting_physician"]


def _change(world: Consortium, case: Case, what: str) -> None:
    if what == "draft":
        write(world, case, by=world.expert, body=full_body(advice="2 周内就诊"), revision=1)
    elif what == "patient":
        patient = world.clinic.do(world.physician, patients.get_patient, patient_id=case.patient_id)
        world.clinic.do(
            world.physician,
            patients.update_patient,
            patient_id=patient.id,
            revision=patient.revision,
            form=patient_form(name="张桂瑛"),
            rules=patient_rules(),
        )
    else:
        first = world.clinic.do(world.expert, images.list_case_images, case_id=case.id)[0]
        world.clinic.do(
            world.expert,
            service_looks.leave_out,
            case_id=case.id,
            instance_id=first.instance.id,
            reason="离焦",
        )


def _start_signing(
    world: Consortium, case: Case, shown_sha256: str, seal: SystemSeal
) -> "Future[Report]":
    return world.clinic.start(
        world.expert,
        service_sign.sign_report,
        case_id=case.id,
        shown_sha256=shown_sha256,
        rules=report_rules(case.service_type),
        seal=seal,
    )
