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
    assert await sign_in_window(expert, case, shown) == (403, "signing-window-over")
    body = {"shown_sha256": shown["shown_sha256"]}
    status, refusal = await expert.send(f"/api/cases/{case.id}/report/sign", body)
    assert (status, refusal["errors"][0]["code"]) == (422, "field-missing")


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


async def test_ten_minutes_without_a_hand_end_the_window(
    house: ImageHouse, now: Consortium, windowed: Visitor
) -> None:
    case = screening(now, 910)
    await write_by_door(house, case, windowed)
    assert (await shown_of(windowed, case))["window"] != ""
    before = datetime.now(UTC) - timedelta(minutes=11)  # the page itself locks a little later
    with sqlite3.connect(house.house.data_dir / "lianzhen.db") as database:
        database.execute(
            "UPDATE sessions SET seen_at = ? WHERE practitioner_id = ?",
            (before.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), house.world.expert.person),
        )
    shown = await shown_of(windowed, case)
    assert shown["window"] == ""
    assert await sign_in_window(windowed, case, shown) == (403, "signing-window-over")
