"""Drafts, signing, receipt and decision: what was shown is what is signed, and stays so."""

from collections.abc import Iterator
from concurrent.futures import Future, wait
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consult.cases import service as cases
from consult.cases.images import excuses
from consult.cases.images import service as images
from consult.cases.model import Case, CaseEventNotAllowedError, CaseStatus, ServiceType
from consult.cases.protocol import CaptureException, FieldCode, NoImageReason
from consult.kernel.errors import FormRefusedError, NotFoundError
from consult.kernel.eyes import Eye
from consult.people.patients import service as patients
from consult.people.practitioners.errors import LicenceExpiredError
from consult.queue import service as queue
from consult.queue.errors import CaseNotYoursError, NotOnPanelError
from consult.reports import service as reports
from consult.reports import service_decide, service_looks, service_sign
from consult.reports.body import body_as_json
from consult.reports.errors import (
    CaseDecidedError,
    DraftChangedError,
    DraftMissingError,
    ReasonNeededError,
    ReportReceivedError,
    ShownChangedError,
)
from consult.reports.model import ReferralNeed, ReportStatus
from consult.reports.seal import SystemSeal, load_seal
from consult.reports.verify import broken_parts, content_of
from consult.reports.versions import Choice, NextStep, Report
from tests.consult.test_queue_service import assert_one_owner_throughout, expire_licence
from tests.makers.cases import patient_form
from tests.makers.clinic import Clinic, open_clinic
from tests.makers.consortium import Consortium, make_consortium, patient_rules
from tests.makers.reports import (
    claim,
    full_body,
    look_at_all,
    make_read_case,
    make_signed,
    off_panel,
    prepare,
    report_rules,
    show,
    sign,
    write,
)

ANSWER = {"choice": Choice.ACCEPTED, "next_step": NextStep.FOLLOW_UP, "reason": "", "note": ""}


@pytest.fixture
def world(clinic: Clinic) -> Consortium:
    """A consortium."""
    return make_consortium(clinic)


@pytest.fixture
def case(world: Consortium) -> Iterator[Case]:
    """A case before the panel; when the test ends its story has one owner a line."""
    waiting = make_read_case(world)
    yield waiting
    assert_one_owner_throughout(world.clinic, waiting.id)


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> SystemSeal:
    """An installation's seal."""
    return load_seal(tmp_path_factory.mktemp("keys"))


def problems_of(refusal: "pytest.ExceptionInfo[FormRefusedError]") -> dict[str, str]:
    """Field and code of everything that was refused."""
    return {problem.field: problem.code for problem in refusal.value.problems}


def test_a_draft_is_saved_and_read_again_by_its_author(world: Consortium, case: Case) -> None:
    write(world, case, by=world.expert)

    draft = world.clinic.do(world.expert, reports.get_draft, case_id=case.id)

    assert draft is not None
    assert draft.content == body_as_json(full_body())


def test_another_expert_learns_that_a_draft_exists_but_never_reads_it(
    world: Consortium, case: Case
) -> None:
    write(world, case, by=world.expert)

    known = world.clinic.do(world.leader, reports.drafts_of, case_ids=[case.id])

    assert [draft.author_id for draft in known[case.id]] == [world.expert.person]
    assert not any(hasattr(draft, "content") for draft in known[case.id])
    assert world.clinic.do(world.leader, reports.get_draft, case_id=case.id) is None


def test_a_draft_saved_elsewhere_meanwhile_is_not_overwritten(
    world: Consortium, case: Case
) -> None:
    write(world, case, by=world.expert)

    with pytest.raises(DraftChangedError):
        write(world, case, by=world.expert, body=full_body(advice="x"), revision=0)
    assert write(world, case, by=world.expert, revision=1) == 2


def test_a_malformed_draft_is_refused_with_every_field_named(world: Consortium, case: Case) -> None:
    nonsense: dict[str, Any] = {"right": {"icdr": 9, "dme": "maybe"}, "advice": "\x00", "zzz": 1}

    with pytest.raises(FormRefusedError) as refusal:
        world.clinic.do(
            world.expert, reports.save_draft, case_id=case.id, content=nonsense, revision=0
        )

    assert set(problems_of(refusal)) == {"right.icdr", "right.dme", "advice", "zzz"}


def test_the_inviting_side_writes_no_report(world: Consortium, case: Case) -> None:
    with pytest.raises(NotOnPanelError):
        write(world, case, by=world.physician)
    with pytest.raises(NotFoundError):
        write(world, case, by=world.stranger)


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
    assert content["rules"]["outcome"] == "outcome 2026.1"


def test_a_picture_not_seen_in_full_keeps_the_report_from_being_signed(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)
    write(world, case, by=world.expert)
    found = world.clinic.do(world.expert, images.list_case_images, case_id=case.id)
    for image in found[:3]:
        _see(world, case, image.instance.id)

    with pytest.raises(FormRefusedError) as refusal:
        show(world, case, by=world.expert)
    assert problems_of(refusal) == {f"images.{found[3].instance.id}": "image-unseen"}

    _see(world, case, found[3].instance.id)
    assert show(world, case, by=world.expert).shown_sha256


def test_a_picture_left_out_with_a_reason_is_not_relied_on(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    write(world, case, by=world.expert)
    first, *others = world.clinic.do(world.expert, images.list_case_images, case_id=case.id)
    for image in others:
        _see(world, case, image.instance.id)
    world.clinic.do(
        world.expert,
        service_looks.leave_out,
        case_id=case.id,
        instance_id=first.instance.id,
        reason="离焦",
    )

    content: Any = show(world, case, by=world.expert).content

    assert len(content["materials"]) == 3
    assert [out["reason"] for out in content["left_out"]] == ["离焦"]


def test_what_could_not_be_photographed_is_part_of_what_is_signed(
    world: Consortium, case: Case
) -> None:
    before: Any = prepare(world, case, by=world.expert).content
    assert before["not_photographed"] == []
    said = CaptureException(Eye.LEFT, FieldCode.DISC_CENTRED, NoImageReason.SMALL_PUPIL)
    world.clinic.do(world.physician, excuses.save_excuse, case=case, excuse=said)
    after: Any = show(world, case, by=world.expert).content
    assert after["not_photographed"] == [
        {"eye": "left", "field": "disc_centred", "reason": "small_pupil"}
    ]


def test_a_picture_is_written_down_as_seen_once(world: Consortium, case: Case) -> None:
    look_at_all(world, case, by=world.expert)
    look_at_all(world, case, by=world.expert)
    look_at_all(world, case, by=world.leader)

    assert world.clinic.kinds().count("image.seen") == 8


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
    futures = _at_once(10, lambda: _start_signing(world, case, shown.shown_sha256, seal))

    assert sum(future.exception() is None for future in futures) == 1
    assert len(world.clinic.do(world.expert, reports.list_reports, case_id=case.id)) == 1
    assert world.clinic.kinds().count("report.signed") == 1


def test_receipt_comes_before_the_decision_and_each_only_once(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    report = sign(
        world, case, by=world.expert, shown=prepare(world, case, by=world.expert), seal=seal
    )
    with pytest.raises(CaseEventNotAllowedError):
        _decide(world, case)
    _receive(world, report)
    with pytest.raises(ReportReceivedError):
        _receive(world, report)

    _decide(world, case)

    with pytest.raises(CaseDecidedError):
        _decide(world, case)
    followed = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert (followed.status, followed.owner_id) == (CaseStatus.FOLLOW_UP, world.physician.person)


@pytest.mark.parametrize("choice", [Choice.PARTLY, Choice.NOT_ACCEPTED])
def test_an_opinion_not_followed_in_full_needs_a_reason(
    world: Consortium, seal: SystemSeal, choice: Choice
) -> None:
    report = make_signed(world, seal=seal)
    _receive(world, report)
    case = world.clinic.do(world.physician, cases.get_case, case_id=report.case_id)

    with pytest.raises(ReasonNeededError):
        _decide(world, case, choice=choice, reason="  ")
    decision = _decide(world, case, choice=choice, reason="患者要求本院复查")

    assert decision.reason == "患者要求本院复查"


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (NextStep.REFER, CaseStatus.ACKNOWLEDGED),
        (NextStep.FOLLOW_UP, CaseStatus.FOLLOW_UP),
        (NextStep.CLOSE, CaseStatus.CLOSED),
    ],
)
def test_the_decision_moves_the_case(
    world: Consortium, seal: SystemSeal, step: NextStep, status: CaseStatus
) -> None:
    report = make_signed(world, seal=seal)
    _receive(world, report)
    case = world.clinic.do(world.physician, cases.get_case, case_id=report.case_id)

    _decide(world, case, next_step=step)

    after = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert (after.status, after.decided_at) == (status, world.clinic.now)
    assert_one_owner_throughout(world.clinic, case.id)


def test_only_the_inviting_side_receives_and_decides(world: Consortium, seal: SystemSeal) -> None:
    report = make_signed(world, seal=seal)
    case = world.clinic.do(world.expert, cases.get_case, case_id=report.case_id)

    for actor in (world.expert, world.stranger):
        with pytest.raises(NotFoundError):
            world.clinic.do(actor, service_decide.receive_report, report_id=report.id)
        with pytest.raises(NotFoundError):
            world.clinic.do(actor, service_decide.decide_case, case_id=case.id, **ANSWER)


def test_of_ten_receipts_at_once_exactly_one_stands(world: Consortium, seal: SystemSeal) -> None:
    report = make_signed(world, seal=seal)
    futures = _at_once(
        10,
        lambda: world.clinic.start(
            world.physician, service_decide.receive_report, report_id=report.id
        ),
    )

    failures = [type(failure) for future in futures if (failure := future.exception())]
    assert failures == [ReportReceivedError] * 9


def test_every_service_type_gives_its_own_title(world: Consortium) -> None:
    case = make_read_case(world, service_type=ServiceType.SCREENING_READ)
    shown: Any = prepare(world, case, by=world.expert).content

    assert shown["title"]["zh"] == "眼底筛查阅片报告"
    assert shown["author"]["record_of"] == ["reporting_physician"]


def test_one_changed_byte_anywhere_in_a_report_is_found(sqlite_url: str, seal: SystemSeal) -> None:
    with open_clinic(sqlite_url) as clinic:
        report = make_signed(make_consortium(clinic), seal=seal)

    assert broken_parts(report, seal=seal) == ()
    for part in ("canonical", "signature"):
        whole: bytes = getattr(report, part)
        for place in range(len(whole)):
            torn = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
            assert broken_parts(replace(report, **{part: torn}), seal=seal), (part, place)


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 64},
        {"shown_sha256": "0" * 64},
        {"version": 2},
        {"author_id": "0" * 32},
        {"patient_id": "0" * 32},
        {"case_id": "0" * 32},
        {"seal_id": "0" * 64},
    ],
)
def test_a_changed_column_beside_the_content_is_found(
    sqlite_url: str, seal: SystemSeal, change: dict[str, Any]
) -> None:
    with open_clinic(sqlite_url) as clinic:
        report = make_signed(make_consortium(clinic), seal=seal)

    assert broken_parts(replace(report, **change), seal=seal)


def test_another_installations_seal_does_not_fit(
    sqlite_url: str, seal: SystemSeal, tmp_path: Path
) -> None:
    with open_clinic(sqlite_url) as clinic:
        report = make_signed(make_consortium(clinic), seal=seal)

    assert broken_parts(report, seal=load_seal(tmp_path / "other")) == ("signature", "seal")


def test_the_seal_is_the_same_after_a_restart(tmp_path: Path) -> None:
    first = load_seal(tmp_path)
    again = load_seal(tmp_path)

    assert first.id == again.id
    assert again.is_valid(first.sign(b"report"), b"report")
    assert not again.is_valid(first.sign(b"report"), b"Report")
    assert (tmp_path / "seal.pem").stat().st_mode & 0o077 == 0


def _see(world: Consortium, case: Case, instance_id: str) -> None:
    world.clinic.do(world.expert, service_looks.note_seen, case_id=case.id, instance_id=instance_id)


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


def _at_once(count: int, start: Any) -> "list[Future[Any]]":
    futures = [start() for _ in range(count)]
    wait(futures, timeout=20)
    return futures


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


def _receive(world: Consortium, report: Report) -> Report:
    return world.clinic.do(world.physician, service_decide.receive_report, report_id=report.id)


def _decide(world: Consortium, case: Case, **changes: Any) -> Any:
    return world.clinic.do(
        world.physician, service_decide.decide_case, case_id=case.id, **{**ANSWER, **changes}
    )
