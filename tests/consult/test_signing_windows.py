"""A signing window is for screening reads of one person in one browser, for a while (U19)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from consult.cases.model import Case, ServiceType
from consult.kernel.errors import ForbiddenError
from consult.kernel.ids import new_id
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Actor
from consult.people.sessions import locks, sweeps, windows
from consult.people.sessions.errors import WindowMovedError, WindowOverError
from consult.people.sessions.model import OpenWindow
from consult.reports.model import ReferralUrgency
from consult.reports.seal import SystemSeal, load_seal
from consult.reports.signing import (
    NotInWindowError,
    Proof,
    SigningRules,
    Way,
    parse_signing_rules,
)
from consult.reports.versions import Report
from server.rules.rulebook import read_toml
from tests.makers.cases import citizen_number
from tests.makers.clinic import Clinic
from tests.makers.consortium import CONFIG, Consortium, make_consortium
from tests.makers.reports import amend, full_body, make_read_case, prepare, retract, sign

HERE, ELSEWHERE = "10.0.0.7", "10.0.0.8"
SCREENING = ServiceType.SCREENING_READ


@cache
def rules() -> SigningRules:
    """The bounds of config/."""
    return parse_signing_rules(read_toml(CONFIG / "signing.toml"))


@pytest.fixture
def world(clinic: Clinic) -> Consortium:
    """A consortium whose expert sits at a browser."""
    made = make_consortium(clinic)
    return replace(made, expert=at_browser(made.expert))


@pytest.fixture
def seal(tmp_path: Any) -> SystemSeal:
    """The installation's seal."""
    return load_seal(tmp_path)


def at_browser(person: Actor) -> Actor:
    return replace(person, session_id=new_id())


def open_window(world: Consortium, *, reports: int | None = None, by: Actor | None = None) -> None:
    bounds = rules().window if reports is None else replace(rules().window, reports=reports)
    world.clinic.do(by or world.expert, windows.open_window, rules=bounds, address=HERE)


def in_window(address: str = HERE) -> Proof:
    return Proof(Way.WINDOW, address, rules())


def sign_in_window(
    world: Consortium, case: Case, seal: SystemSeal, *, by: Actor | None = None, **body: Any
) -> Report:
    expert = by or world.expert
    shown = prepare(world, case, by=expert, body=full_body(**body))
    return sign(world, case, by=expert, shown=shown, seal=seal, proof=in_window())


def signatures(world: Consortium) -> list[tuple[object, bool]]:
    """How each signature was proved, as the journal says."""
    signed = [line for line in world.clinic.lines() if line.kind == "report.signed"]
    return [(line.codes.get("by"), "window" in line.codes) for line in signed]


def test_reports_of_a_window_are_signed_one_by_one_and_written_down(
    world: Consortium, seal: SystemSeal
) -> None:
    open_window(world, reports=2)
    for number in (32, 34):
        case = make_read_case(world, service_type=SCREENING, document_number=citizen_number(number))
        sign_in_window(world, case, seal)
    assert signatures(world) == [("window", True), ("window", True)]
    assert (
        world.clinic.do(world.expert, windows.find_window, idle=rules().window.idle) is None
    )  # both are used up
    with pytest.raises(WindowOverError):
        sign_in_window(
            world,
            make_read_case(world, service_type=SCREENING, document_number=citizen_number(36)),
            seal,
        )


@pytest.mark.parametrize("kind", [ServiceType.REMOTE_CONSULTATION, ServiceType.REMOTE_DIAGNOSIS])
def test_no_other_service_is_signed_in_a_window(
    world: Consortium, seal: SystemSeal, kind: ServiceType
) -> None:
    open_window(world)
    case = make_read_case(world, service_type=kind)
    with pytest.raises(NotInWindowError):
        sign_in_window(world, case, seal)
    assert signatures(world) == []


def test_a_report_that_asks_for_an_urgent_referral_is_signed_with_the_password(
    world: Consortium, seal: SystemSeal
) -> None:
    open_window(world)
    case = make_read_case(world, service_type=SCREENING)
    shown = prepare(
        world, case, by=world.expert, body=full_body(referral_urgency=ReferralUrgency.URGENT)
    )
    with pytest.raises(NotInWindowError):
        sign(world, case, by=world.expert, shown=shown, seal=seal, proof=in_window())
    sign(world, case, by=world.expert, shown=shown, seal=seal)
    assert signatures(world) == [("password", False)]


def test_a_report_that_argues_the_need_down_is_signed_with_the_password(
    world: Consortium, seal: SystemSeal
) -> None:
    open_window(world)
    case = make_read_case(world, service_type=SCREENING)
    with pytest.raises(NotInWindowError):
        sign_in_window(world, case, seal, override_reason="已在外院完成激光治疗")
    assert signatures(world) == []


def test_an_amendment_and_a_retraction_are_never_signed_in_a_window(
    world: Consortium, seal: SystemSeal
) -> None:
    open_window(world)
    case = make_read_case(world, service_type=SCREENING)
    report = sign_in_window(world, case, seal)
    with pytest.raises(NotInWindowError):
        amend(world, report, seal=seal, advice="2 周内到眼底病科就诊", proof=in_window())
    with pytest.raises(NotInWindowError):
        retract(world, report, seal=seal, proof=in_window())


def test_a_window_ends_by_its_time_and_not_before(world: Consortium, seal: SystemSeal) -> None:
    open_window(world)
    late = world.clinic.later(minutes=59, seconds=59)
    late.do(world.expert, windows.touch_window)
    assert late.do(world.expert, windows.find_window, idle=rules().window.idle) is not None
    over = replace(world, clinic=world.clinic.later(minutes=60))
    case = make_read_case(over, service_type=SCREENING)
    with pytest.raises(WindowOverError):
        sign_in_window(over, case, seal)


def ends(world: Consortium) -> list[object]:
    """Why each window ended, as the journal says."""
    lines = world.clinic.lines()
    return [line.codes["why"] for line in lines if line.kind == "signing_window.ended"]


def test_a_window_without_a_hand_is_over_and_a_hand_or_a_signature_keeps_it(
    world: Consortium, seal: SystemSeal
) -> None:
    open_window(world)
    nine = replace(world, clinic=world.clinic.later(minutes=9))
    sign_in_window(nine, make_read_case(nine, service_type=SCREENING), seal)
    later = world.clinic.later(minutes=18)
    later.do(world.expert, windows.touch_window)
    idle = rules().window.idle
    just = world.clinic.later(minutes=27, seconds=59)
    assert just.do(world.expert, windows.find_window, idle=idle) is not None
    over = replace(world, clinic=world.clinic.later(minutes=28))
    case = make_read_case(over, service_type=SCREENING, document_number=citizen_number(38))
    with pytest.raises(WindowOverError):
        sign_in_window(over, case, seal)


@pytest.mark.parametrize(
    ("minutes", "touched", "address", "why"),
    [
        (60, 59, HERE, "time"),
        (10, 0, HERE, "idle"),
        (1, 0, ELSEWHERE, "address"),
        (59, 50, HERE, None),
    ],
)
def test_the_request_that_finds_a_window_sees_why_it_is_over(
    minutes: int, touched: int, address: str, why: str | None
) -> None:
    opened = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    window = OpenWindow(HERE, opened + rules().window.lasts, opened + timedelta(minutes=touched))
    now = opened + timedelta(minutes=minutes)
    idle = rules().window.idle + timedelta(seconds=0 if why else 1)
    assert windows.why_over(window, address=address, idle=idle, now=now) == why


def test_a_window_that_is_used_up_or_out_of_time_ends_in_the_journal(
    world: Consortium, seal: SystemSeal
) -> None:
    open_window(world, reports=1)
    sign_in_window(world, make_read_case(world, service_type=SCREENING), seal)
    assert ends(world) == ["used"]
    open_window(world)
    world.clinic.later(minutes=59).system(sweeps.sweep_sessions)
    assert ends(world) == ["used"]
    world.clinic.later(minutes=60).system(sweeps.sweep_sessions)
    world.clinic.later(minutes=61).system(sweeps.sweep_sessions)
    assert ends(world) == ["used", "time"]


@pytest.mark.parametrize("act", [locks.lock_session, locks.unlock_session])
def test_a_locked_page_ends_the_window(world: Consortium, act: Any) -> None:
    open_window(world)
    told = {"by": "password"} if act is locks.unlock_session else {}
    world.clinic.do(world.expert, act, **told)
    assert world.clinic.do(world.expert, windows.find_window, idle=rules().window.idle) is None
    assert ends(world) == ["locked"]


@pytest.mark.parametrize(
    ("proof", "refusal"),
    [(in_window(ELSEWHERE), WindowMovedError), (Proof(Way.WINDOW, HERE), NotInWindowError)],
)
def test_a_window_is_good_only_where_it_was_opened(
    world: Consortium, seal: SystemSeal, proof: Proof, refusal: type[ForbiddenError]
) -> None:
    open_window(world)
    case = make_read_case(world, service_type=SCREENING)
    shown = prepare(world, case, by=world.expert)
    with pytest.raises(refusal):
        sign(world, case, by=world.expert, shown=shown, seal=seal, proof=proof)


def test_neither_another_browser_nor_another_person_signs_in_it(
    world: Consortium, seal: SystemSeal
) -> None:
    open_window(world)
    case = make_read_case(world, service_type=SCREENING)
    with pytest.raises(WindowOverError):
        sign_in_window(world, case, seal, by=at_browser(world.expert))
    assert world.clinic.do(world.leader, windows.find_window, idle=rules().window.idle) is None


@pytest.mark.parametrize(
    "change",
    [
        {"lasts_minutes": 61},
        {"idle_minutes": 11},
        {"reports": 0},
        {"service_types": ["screening_read", "remote_consultation"]},
    ],
)
def test_bounds_wider_than_the_demand_stop_the_start(change: dict[str, object]) -> None:
    told = dict(read_toml(CONFIG / "signing.toml"))
    with pytest.raises(MalformedRulesError):
        parse_signing_rules(told | {"window": dict(told["window"]) | change})


def test_the_bounds_as_shipped() -> None:
    assert rules().window.lasts == timedelta(minutes=60)
    assert rules().window.idle == timedelta(minutes=10)
    assert rules().window.needs_second_factor
