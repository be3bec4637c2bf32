"""Reading and signing a case through the doors, as the reading room does."""

import io
import json
from dataclasses import replace
from typing import Any

from consult.cases.images import service as images
from consult.cases.model import Case
from consult.reports.body import body_as_json
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.reports import full_body
from tests.makers.visitor import Visitor


async def write_by_door(house: ImageHouse, case: Case, expert: Visitor, **changes: Any) -> None:
    """Take the case, look at every picture, write the whole report."""
    await expert.send(f"/api/queue/{case.id}/claim")
    world = replace(house.world, clinic=house.clinic)
    for image in world.clinic.do(world.expert, images.list_case_images, case_id=case.id):
        place = f"/api/cases/{case.id}/images/{image.instance.id}/seen"
        assert (await expert.send(place))[0] == 200
    body = body_as_json(full_body(**changes)) | {"version": 0}
    status, answer = await expert.send(f"/api/cases/{case.id}/report/draft", body)
    assert (status, answer.get("version")) == (200, 1), answer


async def sign_by_door(house: ImageHouse, case: Case, expert: Visitor, **changes: Any) -> str:
    """Write and sign it; the report's id."""
    await write_by_door(house, case, expert, **changes)
    _, shown = await expert.get(f"/api/cases/{case.id}/report/preview")
    body = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"]}
    status, answer = await expert.send(f"/api/cases/{case.id}/report/sign", body)
    assert status == 200, answer
    assert answer["location"].startswith("/worklist")
    return str(answer["report_id"])


async def sign_marked(
    house: ImageHouse, case: Case, expert: Visitor, *, marks: Any = (), key_images: Any = ()
) -> str:
    """Sign a report with these marks and key images; its id."""
    await write_by_door(house, case, expert)
    if marks:
        told = {"revision": 0, "marks": list(marks), "key_images": list(key_images)}
        place = expert.at(f"/api/cases/{case.id}/marks")
        headers = {
            "X-CSRF-Token": expert.token,
            "Origin": expert.base,
            "Content-Type": "application/json",
        }
        data = io.BytesIO(json.dumps(told).encode())
        async with expert.raw.put(place, data=data, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
    return await sign(case, expert)


async def sign(case: Case, expert: Visitor) -> str:
    """Sign what is written as it is shown; the report's id."""
    _, shown = await expert.get(f"/api/cases/{case.id}/report/preview")
    told = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"]}
    status, answer = await expert.send(f"/api/cases/{case.id}/report/sign", told)
    assert status == 200, answer
    return str(answer["report_id"])


async def amend(case: Case, expert: Visitor) -> str:
    """Sign a second version; its id."""
    await expert.send(f"/api/cases/{case.id}/report/amend")
    body = body_as_json(full_body(amendment_reason="复核更正", advice="1 周内就诊"))
    assert (await expert.send(f"/api/cases/{case.id}/report/draft", body | {"version": 1}))[
        0
    ] == 200
    return await sign(case, expert)


async def retract(case: Case, expert: Visitor, report: str) -> str:
    """Take a version back; the id of what takes it back."""
    _, data = await expert.get(f"/api/reports/{report}")
    said = {"cause": "wrong_finding", "reason": "阅片有误", "of_sha256": data["sha256"]}
    door = f"/api/cases/{case.id}/report/retract"
    status, answer = await expert.send(door, {**said, "password": PASSWORD})
    assert status == 200, answer
    return str(answer["report_id"])
