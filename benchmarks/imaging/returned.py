"""A case that went to its expert with four photographs, and came back for two others."""

import itertools
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from benchmarks.town import Town
from consult.cases.model import Case, ServiceType
from consult.kernel.work import Role
from tests.makers.cases import (
    SCREENING_ANSWERS,
    citizen_number,
    fill_in,
    make_draft,
    make_patient,
    submit,
)
from tests.makers.image_house import Sender
from tests.makers.pictures import own_copy
from tests.makers.reports import claim
from tests.makers.returns import LEFT_MACULA, RIGHT_DISC, send_back
from tests.makers.world_people import Side
from tests.makers.world_story import consent_to

_PLACES: Final = tuple(itertools.product(("right", "left"), ("macula_centred", "disc_centred")))


async def make_returned(town: Town, number: int, files: Iterator[bytes]) -> Case:
    """A case with four photographs that its expert has sent back for two others."""
    world = town.world
    patient = make_patient(
        world.consortium, name="项根娣", document_number=citizen_number(number, birth="19580203")
    )
    consent_to(world, patient)
    case = make_draft(world.consortium, patient, service_type=ServiceType.SCREENING_READ)
    physician = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with Sender(town.house.base) as sender:
        sender.come_as(physician.token, physician.csrf)
        for eye, place in _PLACES:
            told = await sender.upload(case.id, own_copy(next(files)), f"{place}.jpg")
            image_id = told["files"][0]["image_id"]
            await _act(sender, case, f"{image_id}/confirm", {"eye": eye, "field": place})
        for question in (await sender.images(case.id))["questions"]:
            await _act(sender, case, f"questions/{question['id']}/answer", {})
    submit(world.consortium, fill_in(world.consortium, case, SCREENING_ANSWERS))
    near = world.consortium
    claim(near, case, by=near.expert)
    send_back(near, case, LEFT_MACULA, RIGHT_DISC)
    return case


async def _act(sender: Sender, case: Case, path: str, body: dict[str, str]) -> None:
    status, _answer = await sender.send(f"/api/cases/{case.id}/images/{path}", body)
    if status != HTTPStatus.OK:
        raise RuntimeError(f"not done: {status} {path}")
