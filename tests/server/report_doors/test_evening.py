"""An expert's evening through the doors: a row taken at once, signed one after the other."""

from collections.abc import Mapping
from typing import Any

import pytest

from consult.cases.model import Case, ServiceType
from consult.queue import evening
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.reports import make_read_case, queue_limits
from tests.makers.signing import write_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SCREENING = ServiceType.SCREENING_READ
SMALL = {"device": "small", "display": "844x390"}
DESK = {"device": "desk", "display": "1366x768"}


async def sign(
    expert: Visitor, case_id: str, shown_on: Mapping[str, str], **told: Any
) -> tuple[int, dict[str, Any]]:
    """Sign what is shown on this screen."""
    query = "&".join(f"{name}={value}" for name, value in shown_on.items())
    status, shown = await expert.get(f"/api/cases/{case_id}/report/preview?{query}")
    if status != 200:
        return status, shown
    body = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"], **shown_on, **told}
    return await expert.send(f"/api/cases/{case_id}/report/sign", body)


async def test_a_row_is_taken_read_in_order_and_told_to_be_done(
    house: ImageHouse, now: Consortium, expert: Visitor
) -> None:
    cases = [
        make_read_case(now, service_type=SCREENING, document_number=citizen_number(number))
        for number in (940, 942, 944)
    ]
    status, taken = await expert.send("/api/queue/take", {"service_type": SCREENING, "count": 10})
    assert (status, taken["taken"]) == (200, 3), taken
    row = now.clinic.do(
        now.expert, evening.list_row, service_type=SCREENING, rules=queue_limits().row
    )
    first, second, third = [held.case for held in row]
    assert {case.id for case in (first, second, third)} == {case.id for case in cases}
    assert taken["location"] == f"/cases/{first.id}/reading"

    _, page = await expert.page(taken["location"])
    assert "第 1 例，共 3 例" in page
    assert "签发并下一例" in page
    status, on = await expert.send(f"/api/queue/{first.id}/aside")
    assert (status, on["location"]) == (200, f"/cases/{second.id}/reading")
    _, listed = await expert.page("/worklist")
    assert f'href="/cases/{first.id}/reading" aria-current="true"' in listed

    for case, then in ((second, third.id), (third, first.id)):
        await write_by_door(house, case, expert)
        status, signed = await sign(expert, case.id, DESK, next=True)
        assert (status, signed.get("location")) == (200, f"/cases/{then}/reading"), signed
    await write_by_door(house, first, expert)
    _, signed = await sign(expert, first.id, DESK, next=True)
    assert signed["location"] == "/worklist?tab=mine&evening=over"
    _, done = await expert.page(signed["location"])
    assert "本组病例已全部签发。" in done
    assert (await expert.send(f"/api/queue/{first.id}/aside"))[0] == 409


async def test_other_numbers_are_refused_with_the_field_named(expert: Visitor) -> None:
    status, refusal = await expert.send(
        "/api/queue/take", {"service_type": "remote_diagnosis", "count": 10}
    )
    assert (status, refusal["errors"][0]["field"]) == (422, "service_type")
    status, refusal = await expert.send("/api/queue/take", {"service_type": SCREENING, "count": 7})
    assert (status, refusal["errors"][0]["field"]) == (422, "count")


@pytest.mark.parametrize("service_type", [SCREENING, ServiceType.REMOTE_DIAGNOSIS])
async def test_a_first_diagnosis_is_not_signed_on_a_phone(
    house: ImageHouse, now: Consortium, expert: Visitor, service_type: ServiceType
) -> None:
    number = 950 if service_type is SCREENING else 952
    case = make_read_case(now, service_type=service_type, document_number=citizen_number(number))
    await write_by_door(house, case, expert)
    status, refusal = await sign(expert, case.id, SMALL)
    assert (status, refusal["errors"][0]["code"]) == (422, "small-screen-not-for-this")
    _, shown = await expert.get(f"/api/cases/{case.id}/report/preview?device=desk&display=")
    body = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"], **SMALL}
    status, refusal = await expert.send(f"/api/cases/{case.id}/report/sign", body)
    assert (status, refusal["errors"][0]["field"]) == (422, "device")
    status, signed = await sign(expert, case.id, DESK)
    assert status == 200, signed


async def test_an_opinion_is_signed_on_a_phone_and_says_so(
    house: ImageHouse, now: Consortium, expert: Visitor
) -> None:
    case: Case = make_read_case(
        now, service_type=ServiceType.REMOTE_CONSULTATION, document_number=citizen_number(954)
    )
    await write_by_door(house, case, expert)
    status, refusal = await expert.get(f"/api/cases/{case.id}/report/preview?device=toaster")
    assert (status, refusal["errors"][0]["field"]) == (422, "device")
    checked = {"display": "844x390", "passed": True}
    assert (await expert.send("/api/display-checks", checked))[0] == 200
    _, page = await expert.page("/display-check")
    assert "844 × 390" in page
    status, signed = await sign(expert, case.id, SMALL)
    assert status == 200, signed
    _, report = await expert.get(f"/api/reports/{signed['report_id']}")
    told = report["content"]["screen"]
    assert (told["device"], told["display"]) == ("small", "844x390")
    assert told["checked_at"] is not None
    _, paper = await expert.page(f"/reports/{signed['report_id']}")
    assert "移动端阅片" in paper
    assert "显示器检查于" in paper
