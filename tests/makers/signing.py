"""Reading and signing a case through the doors, as the reading room does."""

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
