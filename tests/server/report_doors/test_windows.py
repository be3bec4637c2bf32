"""Signing screening reads in a window, through the doors (U19)."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from consult.cases.model import Case, ServiceType
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.reports import make_read_case
from tests.makers.signing import write_by_door
from tests.makers.visitor import Visitor
from tests.server.test_second_factor import set_up

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_REMOVE = "/api/account/second-factor/remove"


@pytest.fixture
async def factor(expert: Visitor) -> AsyncIterator[list[str]]:
    """The expert has an app, and codes on paper, for the time of the test."""
    _secret, codes = await set_up(expert, PASSWORD)
    yield codes
    body = {"password": PASSWORD, "code": codes.pop()}
    assert (await expert.send(_REMOVE, body))[0] == 200


async def test_without_a_second_factor_no_window_opens(expert: Visitor) -> None:
    status, refusal = await expert.send("/api/signing-window", {"password": PASSWORD})
    assert (status, refusal["code"]) == (403, "signing-window-needs-factor")


@pytest.fixture
async def windowed(expert: Visitor, factor: list[str]) -> AsyncIterator[Visitor]:
    """The expert with an open window."""
    typed = {"password": PASSWORD, "code": factor.pop()}
    status, window = await expert.send("/api/signing-window", typed)
    assert (status, window["reports_left"]) == (200, 60), window
    assert window["sentence"].startswith("签名时段至 ")
    yield expert
    assert (await expert.send("/api/signing-window/end"))[0] == 200


def screening(now: Consortium, number: int) -> Case:
    return make_read_case(
        now, service_type=ServiceType.SCREENING_READ, document_number=citizen_number(number)
    )


async def shown_of(visitor: Visitor, case: Case) -> dict[str, str]:
    """What would be signed."""
    _, shown = await visitor.get(f"/api/cases/{case.id}/report/preview")
    return dict(shown)


async def sign_in_window(visitor: Visitor, case: Case, shown: dict[str, str]) -> tuple[int, str]:
    body = {"by": "window", "shown_sha256": shown["shown_sha256"]}
    status, answer = await visitor.send(f"/api/cases/{case.id}/report/sign", body)
    return status, answer.get("code", "")


async def test_without_a_window_a_report_asks_for_the_password(
    house: ImageHouse, now: Consortium, expert: Visitor
) -> None:
    case = screening(now, 902)
    await write_by_door(house, case, expert)
    shown = await shown_of(expert, case)
    assert shown["window"] == ""
    before = len(told(now, "report.signature_refused", "why"))
    assert await sign_in_window(expert, case, shown) == (403, "signing-window-over")
    assert told(now, "report.signature_refused", "why")[before:] == ["signing-window-over"]
    body = {"shown_sha256": shown["shown_sha256"]}
    status, refusal = await expert.send(f"/api/cases/{case.id}/report/sign", body)
    assert (status, refusal["errors"][0]["code"]) == (422, "field-missing")


async def test_nobody_is_asked_who_signs_what_was_not_shown(
    house: ImageHouse, now: Consortium, expert: Visitor
) -> None:
    case = screening(now, 916)
    await write_by_door(house, case, expert)
    before = len(told(now, "report.signature_refused", "why"))
    body = {"shown_sha256": "0" * 64, "password": "not mine at all"}
    status, refusal = await expert.send(f"/api/cases/{case.id}/report/sign", body)
    assert (status, refusal["code"]) == (409, "shown-changed")
    assert told(now, "report.signature_refused", "why")[before:] == []


async def test_a_window_asks_for_the_password_and_the_code(
    expert: Visitor, factor: list[str]
) -> None:
    assert factor
    wrong = {"password": "not mine at all"}
    for typed, code in (({}, "field-missing"), (wrong, "wrong-password")):
        status, refusal = await expert.send("/api/signing-window", typed)
        assert (status, refusal["errors"][0]["code"]) == (422, code)
    status, refusal = await expert.send("/api/signing-window", {"password": PASSWORD})
    assert (status, refusal["code"]) == (422, "code-needed")


async def test_screening_reads_are_signed_in_it_in_this_browser_alone(
    house: ImageHouse, now: Consortium, windowed: Visitor, factor: list[str]
) -> None:
    case = screening(now, 904)
    await write_by_door(house, case, windowed)
    shown = await shown_of(windowed, case)
    assert shown["window"].startswith("签名时段至")
    assert "结束签名时段" in (await windowed.page(f"/cases/{case.id}/reading"))[1]
    async with Visitor(house.house.base) as elsewhere:
        sign_in = {"login": "li", "password": PASSWORD, "code": factor.pop()}
        assert (await elsewhere.send("/api/sign-in", sign_in))[0] == 200
        await elsewhere.read_token()
        assert (await shown_of(elsewhere, case))["window"] == ""
        assert await sign_in_window(elsewhere, case, shown) == (403, "signing-window-over")
    assert (await sign_in_window(windowed, case, shown))[0] == 200


async def test_a_remote_diagnosis_asks_for_the_password_whatever_window_is_open(
    house: ImageHouse, now: Consortium, windowed: Visitor
) -> None:
    case = make_read_case(now, document_number=citizen_number(906))
    await write_by_door(house, case, windowed)
    shown = await shown_of(windowed, case)
    assert shown["window"] == ""
    assert await sign_in_window(windowed, case, shown) == (403, "signing-window-not-for-this")


async def test_a_locked_page_has_lost_its_window(
    house: ImageHouse, now: Consortium, windowed: Visitor
) -> None:
    case = screening(now, 908)
    await write_by_door(house, case, windowed)
    _, account = await windowed.get("/api/account")
    await windowed.send("/api/session/lock")
    body = {"login": "li", "password": PASSWORD}
    body["affiliation_id"] = account["places"][0]["affiliation_id"]
    assert (await windowed.send("/api/session/unlock", body))[0] == 200
    shown = await shown_of(windowed, case)
    assert shown["window"] == ""
    assert await sign_in_window(windowed, case, shown) == (403, "signing-window-over")


def ago(minutes: int) -> str:
    """A moment as the database has it."""
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def change(house: ImageHouse, column: str, value: str) -> None:
    """Let the expert's open window have been touched, or opened, otherwise."""
    with sqlite3.connect(house.house.data_dir / "lianzhen.db") as database:
        changed = database.execute(
            f"UPDATE signing_windows SET {column} = ? "  # noqa: S608 - our own names
            "WHERE practitioner_id = ? AND ended_at IS NULL",
            (value, house.world.expert.person),
        )
        assert changed.rowcount == 1


def told(now: Consortium, kind: str, key: str) -> list[object]:
    """What the journal says of each such event."""
    return [line.codes.get(key) for line in now.clinic.lines() if line.kind == kind]


async def test_a_hand_on_the_page_keeps_the_window_and_a_page_by_itself_does_not(
    house: ImageHouse, now: Consortium, windowed: Visitor
) -> None:
    case = screening(now, 912)
    await write_by_door(house, case, windowed)
    change(house, "touched_at", ago(9))
    assert (await windowed.send("/api/session/here"))[0] == 200
    with sqlite3.connect(house.house.data_dir / "lianzhen.db") as database:
        row = database.execute(
            "SELECT touched_at FROM signing_windows WHERE practitioner_id = ? AND ended_at IS NULL",
            (house.world.expert.person,),
        ).fetchone()
    assert row[0] > ago(1)
    change(house, "touched_at", ago(11))
    before = len(told(now, "signing_window.ended", "why"))
    await windowed.page("/worklist")
    assert told(now, "signing_window.ended", "why")[before:] == ["idle"]
    assert (await windowed.send("/api/session/here"))[0] == 200  # too late
    assert (await shown_of(windowed, case))["window"] == ""


async def test_a_window_ends_at_the_first_request_from_elsewhere(
    house: ImageHouse, now: Consortium, windowed: Visitor
) -> None:
    case = screening(now, 914)
    await write_by_door(house, case, windowed)
    shown = await shown_of(windowed, case)
    change(house, "address", "198.51.100.7")
    before = len(told(now, "signing_window.ended", "why"))
    await windowed.page("/worklist")
    assert told(now, "signing_window.ended", "why")[before:] == ["address"]
    assert await sign_in_window(windowed, case, shown) == (403, "signing-window-over")


async def test_whoever_signs_out_ends_her_window_in_the_journal(
    house: ImageHouse, now: Consortium, factor: list[str]
) -> None:
    async with Visitor(house.house.base) as elsewhere:
        sign_in = {"login": "li", "password": PASSWORD, "code": factor.pop()}
        assert (await elsewhere.send("/api/sign-in", sign_in))[0] == 200
        await elsewhere.read_token()
        typed = {"password": PASSWORD, "code": factor.pop()}
        assert (await elsewhere.send("/api/signing-window", typed))[0] == 200
        before = len(told(now, "signing_window.ended", "why"))
        assert (await elsewhere.send("/api/sign-out"))[0] == 200
    assert told(now, "signing_window.ended", "why")[before:] == ["signed-out"]


async def test_ten_minutes_without_a_hand_end_the_window(
    house: ImageHouse, now: Consortium, windowed: Visitor
) -> None:
    case = screening(now, 910)
    await write_by_door(house, case, windowed)
    assert (await shown_of(windowed, case))["window"] != ""
    change(house, "touched_at", ago(11))  # the page itself locks a little later
    shown = await shown_of(windowed, case)
    assert shown["window"] == ""
    assert await sign_in_window(windowed, case, shown) == (403, "signing-window-over")
