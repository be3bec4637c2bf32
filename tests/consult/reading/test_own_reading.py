"""The requesting physician reads first: her reading is locked before the opinion is open."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from consult.cases.model import Case, Priority, ServiceType
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.faults import Fault
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Actor, Work
from consult.reports import service as reports
from consult.reports.model import Dme, ReportBody
from consult.reports.objects import gathering
from consult.reports.own import service as own
from consult.reports.own.audit import OwnTold, check_own
from consult.reports.own.concordance import count_curves, tally
from consult.reports.own.errors import (
    NothingKeptBackError,
    NotRequestingPhysicianError,
    OwnReadingLockedError,
    OwnReadingOffError,
)
from consult.reports.own.model import EyeSaid, Finding, Said
from consult.reports.own.rules import OwnRules, parse_own_rules
from consult.reports.seal import SystemSeal
from consult.reports.versions import Report
from server.rules.images import load_image_book
from tests.makers.cases import citizen_number
from tests.makers.consortium import CONFIG, Consortium
from tests.makers.readings import graded, ungradable
from tests.makers.reports import (
    amend,
    full_body,
    make_read_case,
    prepare,
    report_rules,
    retract,
    sign,
)
from tests.makers.rulebooks import broken, read_config
from tests.makers.second_readings import urgent_body

SAID = Said(EyeSaid(Finding.NORMAL, 0), EyeSaid(Finding.ABNORMAL, 1), "左眼少许微血管瘤")


def test_the_opinion_is_nobodys_on_her_side_until_her_own_reading_is_locked(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    report = _sign(world, case, seal=seal)

    assert _seen(world, case) == []
    with pytest.raises(NotFoundError):
        world.clinic.do(world.physician, reports.open_report, report_id=report.id)
    assert world.clinic.do(world.expert, reports.list_reports, case_id=case.id) == [report]
    assert _gathered(world, report, seal) == "not-open"

    kept = _lock(world, case)
    assert (kept.was_blind, kept.said) == (True, SAID)
    assert _seen(world, case) == [report.id]
    assert _gathered(world, report, seal) != "not-open"
    kinds = world.clinic.kinds()
    assert ("own_reading.awaited" in kinds, "own_reading.locked" in kinds) == (True, True)


def test_what_was_locked_is_what_the_journal_holds_it_to(world: Consortium, case: Case) -> None:
    _lock(world, case)
    told = OwnTold()
    for line in world.clinic.lines():
        told.note(line)
    found = world.clinic.system(lambda work: list(check_own(work.session, told)))
    assert case.id in found
    assert not [each for each in found if isinstance(each, Fault) and each.place == case.id]
    told.locked[case.id] = replace(told.locked[case.id], codes={"blind": 1, "sha256": "0" * 64})
    found = world.clinic.system(lambda work: list(check_own(work.session, told)))
    assert Fault("own-reading-changed", case.id) in found


def test_with_the_rule_off_it_is_open_at_once_and_nobody_is_asked(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    shipped = report_rules(ServiceType.REMOTE_DIAGNOSIS).own
    report = _sign(world, case, seal=seal, rules=shipped)

    assert (shipped.on_for, _seen(world, case)) == (frozenset(), [report.id])
    with pytest.raises(OwnReadingOffError):
        _lock(world, case, rules=shipped)


def test_what_is_urgent_is_shown_at_once_whatever_the_rule_says(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    report = _sign(world, case, seal=seal, body=urgent_body())
    assert _seen(world, case) == [report.id]


def test_each_ground_of_urgency_alone_is_enough(case: Case) -> None:
    grounds: list[dict[str, Any]] = [
        {},
        {"referral_need": "urgent"},
        {"referral_urgency": "emergency"},
        {"referral_urgency": "urgent"},
        {"rank": "urgent"},
        {"priority": Priority.URGENT},
    ]
    passed = []
    for told in grounds:
        body = {"referral_need": "refer", "referral_urgency": "routine"} | told
        content = {"body": body, "outcome": {"rank": told.get("rank", "refer")}}
        asked = replace(case, priority=told.get("priority", case.priority))
        passed.append(_rules().waits_not(asked, content))
    assert passed == [False, *[True] * 5]


def test_a_reading_before_the_signature_lets_the_opinion_come_at_once(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    assert _lock(world, case).was_blind
    report = _sign(world, case, seal=seal)
    assert _seen(world, case) == [report.id]


def test_anybody_of_her_side_may_see_it_without_with_a_reason_that_is_counted(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    report = _sign(world, case, seal=seal)
    with pytest.raises(NothingKeptBackError):
        _skip(world, case, by=world.expert)

    _skip(world, case, by=world.physician)
    assert _seen(world, case) == [report.id]
    with pytest.raises(NothingKeptBackError):
        _skip(world, case, by=world.physician)
    assert not _lock(world, case).was_blind

    [curve] = _curves(world, world.physician)
    assert (curve.total.eyes, curve.total.skipped) == (0, 1)
    told = [line for line in world.clinic.lines() if line.kind == "own_reading.skipped"]
    assert [line.words["reason"] for line in told] == ["患者在诊室等候"]


@pytest.mark.parametrize("change", ["amend", "retract"])
def test_a_correction_is_never_kept_back(
    world: Consortium, case: Case, seal: SystemSeal, change: str
) -> None:
    report = _sign(world, case, seal=seal)
    assert _seen(world, case) == []
    if change == "amend":
        newer = amend(world, report, seal=seal, impression="左眼重度")
    else:
        newer = retract(world, report, seal=seal)
    assert _seen(world, case) == [newer.id, report.id]


def test_what_is_locked_never_changes(world: Consortium, case: Case) -> None:
    _lock(world, case)
    with pytest.raises(OwnReadingLockedError):
        _lock(world, case)

    def forge(work: Work) -> None:
        work.session.execute(text("UPDATE own_readings SET words = '改过'"))

    with pytest.raises(DBAPIError):
        world.clinic.system(forge)
    kept = world.clinic.do(world.physician, own.find_reading, case=case)
    assert kept is not None
    assert kept.said == SAID


def test_only_the_requesting_physician_writes_it_and_the_expert_never_sees_it(
    world: Consortium, case: Case
) -> None:
    colleague = replace(world.physician, practitioner_id=world.photographer.person)
    with pytest.raises(NotRequestingPhysicianError):
        _lock(world, case, by=colleague)
    with pytest.raises(NotFoundError):
        _lock(world, case, by=world.expert)
    with pytest.raises(RefusedError):
        _lock(world, case, said=Said(None, None, "没有写眼别"))
    _lock(world, case)
    assert world.clinic.do(world.expert, own.find_reading, case=case) is None
    told = [line for line in world.clinic.lines() if line.kind == "own_reading.locked"]
    assert [set(line.codes) for line in told] == [{"blind", "sha256", "rules"}]
    assert [dict(line.words) for line in told] == [{}]


def test_agreement_is_what_a_hand_counts(world: Consortium, seal: SystemSeal) -> None:
    """Eyes: normal/normal, abnormal/referable; referable/referable, normal/ungradable."""
    first = make_read_case(world)
    _lock(world, first)
    _sign(world, first, seal=seal)
    second = make_read_case(world, document_number=citizen_number(4))
    said = Said(EyeSaid(Finding.REFERABLE, None), EyeSaid(Finding.NORMAL, None), "")
    _lock(world, second, said=said)
    _sign(
        world,
        second,
        seal=seal,
        body=full_body(right=graded(2, Dme.SUSPECTED), left=ungradable(waiver="患者不能再次拍摄")),
    )

    [curve] = _curves(world, world.physician)
    total = curve.total
    assert (total.eyes, total.same, total.agreement) == (4, 2, 50.0)
    assert (total.referable, total.found, total.sensitivity) == (2, 1, 50.0)
    assert (total.others, total.left_alone, total.specificity) == (1, 1, 100.0)
    assert [counted for _month, counted in curve.months] == [total]
    assert _curves(world, world.photographer) == []
    manager = replace(world.photographer, institution_id=world.centre_id)
    [seen] = _curves(world, manager, everybody=True)
    assert (seen.doctor_id, seen.total) == (world.physician.person, total)


def test_nothing_counted_is_no_percentage() -> None:
    empty = tally([])
    assert (empty.agreement, empty.sensitivity, empty.specificity) == (None, None, None)
    wrong = tally([(Finding.REFERABLE, Finding.NORMAL), (Finding.UNGRADABLE, Finding.REFERABLE)])
    assert (wrong.agreement, wrong.sensitivity, wrong.specificity) == (0.0, None, 0.0)


@pytest.mark.parametrize(
    ("place", "value"),
    [("referable.from_icdr", 5), ("on_for", ["teaching"]), ("at_once.surprise", [])],
)
def test_rules_that_say_something_else_are_refused(place: str, value: object) -> None:
    told = read_config("own_reading.toml")
    assert ServiceType.SCREENING_READ not in parse_own_rules(told).on_for
    with pytest.raises(MalformedRulesError, match=place.replace(".", r"\.")):
        parse_own_rules(broken(told, place, value))


def _rules() -> OwnRules:
    return replace(
        report_rules(ServiceType.REMOTE_DIAGNOSIS).own,
        on_for=frozenset({ServiceType.REMOTE_DIAGNOSIS}),
    )


def _sign(
    world: Consortium,
    case: Case,
    *,
    seal: SystemSeal,
    body: ReportBody | None = None,
    rules: OwnRules | None = None,
) -> Report:
    shown = prepare(world, case, by=world.expert, body=body)
    told = replace(report_rules(case.service_type), own=rules or _rules())
    return sign(world, case, by=world.expert, shown=shown, seal=seal, rules=told)


def _lock(
    world: Consortium,
    case: Case,
    *,
    by: Actor | None = None,
    said: Said = SAID,
    rules: OwnRules | None = None,
) -> Any:
    told = {"case_id": case.id, "said": said, "rules": rules or _rules()}
    return world.clinic.do(by or world.physician, own.lock_reading, **told)


def _skip(world: Consortium, case: Case, *, by: Actor) -> None:
    world.clinic.do(by, own.see_without, case_id=case.id, reason="患者在诊室等候")


def _seen(world: Consortium, case: Case) -> list[str]:
    found = world.clinic.do(world.physician, reports.list_reports, case_id=case.id)
    return [report.id for report in found]


def _gathered(world: Consortium, report: Report, seal: SystemSeal) -> object:
    names = load_image_book(CONFIG).names
    return world.clinic.system(gathering.gather, report_id=report.id, seal=seal, names=names)


def _curves(world: Consortium, by: Actor, *, everybody: bool = False) -> list[Any]:
    told = {"everybody": everybody, "rules": _rules(), "zone": "Asia/Shanghai"}
    return world.clinic.do(by, count_curves, **told)
