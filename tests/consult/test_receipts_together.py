"""Sixteen normal answers are received by one act; whatever was found is received by itself."""

from functools import cache
from typing import Any

import pytest

from consult.cases import service as cases
from consult.cases.model import CaseStatus, ServiceType
from consult.kernel.errors import NotFoundError
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Actor
from consult.reports import receipts
from consult.reports.errors import ReportSupersededError
from consult.reports.model import Dme, ReferralNeed, ReferralUrgency, ReportBody
from consult.reports.receipts import SinglyError
from consult.reports.seal import SystemSeal
from consult.reports.unremarkable import ReceiptRules, Singly, parse_receipt_rules
from consult.reports.versions import Report
from server.i18n import LANGUAGES, load_languages
from tests.makers.cases import citizen_number
from tests.makers.consortium import CONFIG, Consortium
from tests.makers.readings import graded, ungradable
from tests.makers.reports import amend, make_read_case, make_signed, prepare, retract, sign
from tests.makers.rulebooks import read_config
from tests.makers.second_readings import normal_body
from tests.makers.tellings import after_rules


@cache
def rules() -> ReceiptRules:
    return parse_receipt_rules(read_config("receipts.toml"))


def screened(
    world: Consortium, seal: SystemSeal, number: int, body: ReportBody | None = None
) -> Report:
    """A screening of one patient, read and signed."""
    who = {"document_number": citizen_number(2 * number)}
    case = make_read_case(world, service_type=ServiceType.SCREENING_READ, **who)
    shown = prepare(world, case, by=world.expert, body=body or normal_body())
    return sign(world, case, by=world.expert, shown=shown, seal=seal)


def receive(world: Consortium, *found: Report, by: Actor | None = None) -> int:
    return world.clinic.do(
        by or world.physician,
        receipts.receive_together,
        report_ids=[report.id for report in found],
        rules=after_rules(),
    )


def why(world: Consortium) -> dict[str, Singly | None]:
    found = world.clinic.do(world.physician, receipts.list_answers, rules=rules())
    return {answer.report.id: answer.singly for answer in found}


def status_of(world: Consortium, report: Report) -> CaseStatus:
    return world.clinic.do(world.physician, cases.get_case, case_id=report.case_id).status


def test_normal_answers_are_received_by_one_act_and_each_is_written_down(
    world: Consortium, seal: SystemSeal
) -> None:
    found = [screened(world, seal, number) for number in (1, 2, 3)]
    assert why(world) == dict.fromkeys([report.id for report in found])
    assert receive(world, *found) == 3
    assert {status_of(world, report) for report in found} == {CaseStatus.ACKNOWLEDGED}
    kinds = world.clinic.kinds()
    told = ("report.opened", "report.received", "case.acknowledged")
    assert [kinds.count(kind) for kind in told] == [3, 3, 3]
    assert why(world) == {}


def test_what_a_colleague_has_received_meanwhile_is_passed_over(
    world: Consortium, seal: SystemSeal
) -> None:
    first, second = screened(world, seal, 1), screened(world, seal, 2)
    assert receive(world, first, by=world.colleague) == 1
    assert receive(world, first, second, second) == 1
    assert world.clinic.kinds().count("report.received") == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"left": graded(2), "need": ReferralNeed.REFER,
             "referral_urgency": ReferralUrgency.ROUTINE, "interval_months": 6},
            Singly.FINDING,
        ),
        ({"left": graded(1)}, Singly.FINDING),
        ({"left": graded(findings="玻璃膜疣")}, Singly.FINDING),
        ({"left": graded(0, Dme.CANNOT_TELL), "interval_months": 6}, Singly.UNGRADABLE),
        (
            {"left": ungradable(), "interval_months": 6},
            Singly.UNGRADABLE,
        ),
    ],
)  # fmt: skip
def test_an_eye_with_a_finding_or_without_a_reading_is_received_by_itself_and_takes_none_along(
    world: Consortium, seal: SystemSeal, changes: dict[str, Any], reason: Singly
) -> None:
    normal, other = screened(world, seal, 1), screened(world, seal, 2, normal_body(**changes))
    assert why(world) == {normal.id: None, other.id: reason}
    with pytest.raises(SinglyError):
        receive(world, normal, other)
    assert status_of(world, normal) is CaseStatus.REPORTED, "all or none"
    assert receive(world, normal) == 1


def test_another_service_is_received_by_itself(world: Consortium, seal: SystemSeal) -> None:
    report = make_signed(world, seal=seal)
    assert why(world) == {report.id: Singly.OTHER_SERVICE}
    with pytest.raises(SinglyError):
        receive(world, report)


def test_an_amended_and_a_retracted_answer_are_received_by_themselves(
    world: Consortium, seal: SystemSeal
) -> None:
    first, second = screened(world, seal, 1), screened(world, seal, 2)
    changed = amend(world, first, seal=seal)
    taken_back = retract(world, second, seal=seal)
    assert why(world) == {changed.id: Singly.AMENDED, taken_back.id: Singly.AMENDED}
    for report in (changed, taken_back, first):
        with pytest.raises((SinglyError, ReportSupersededError)):
            receive(world, report)


def test_nobody_receives_the_answers_of_another_clinic(world: Consortium, seal: SystemSeal) -> None:
    report = screened(world, seal, 1)
    for other in (world.stranger, world.expert):
        with pytest.raises(NotFoundError):
            receive(world, report, by=other)
    assert world.clinic.do(world.stranger, receipts.list_answers, rules=rules()) == []


@pytest.mark.parametrize("change", [{"most": 0}, {"on_for": ["every_read"]}, {"least": 1}])
def test_rules_that_say_nothing_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedRulesError):
        parse_receipt_rules({**read_config("receipts.toml"), **change})


def test_what_the_key_for_normal_eyes_writes_is_no_finding() -> None:
    said = "No apparent abnormality seen"
    words = {load_languages(CONFIG / "locale").text(tongue, said) for tongue in LANGUAGES}
    assert words <= rules().clean_words
