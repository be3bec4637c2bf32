"""The description of the JSON routes is the router's own, and holds for real answers."""

import inspect
import json
import re
from http import HTTPStatus
from typing import Any

import pytest
from pydantic import TypeAdapter

from server.doors import Door
from tests.makers.asking import Answered, ask, make_question, open_client
from tests.makers.matrix import all_doors, somebody
from tests.makers.world_house import WorldHouse

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_PARAMETER = re.compile(r"{(\w+)(?::[^}]+)?}")
_PARSED = re.compile(r"parse_body\(request, (\w+)\)")
PROTOCOL = {
    "connection.line",
    "received.show_picture",
    "dossiers.export",
    "documents.take",
    "marks_out.take",
    "dossiers.original",
    "uploads.discover",
    "uploads.create",
    "uploads.tell_offset",
    "uploads.receive",
    "uploads.end",
    "uploads.act_by_override",
    "events.follow",
    "rooms.line",
    "join.line",
}
"""Doors that speak another protocol than JSON: tus and the event stream."""


async def test_the_document_names_every_json_route_and_no_other(house: WorldHouse) -> None:
    async with open_client(house.base) as session:
        answer = await session.get("/openapi.json")
        document: dict[str, Any] = await answer.json()
    assert answer.status == HTTPStatus.OK
    assert document["openapi"].startswith("3.1")
    told = {(method.upper(), path) for path, steps in document["paths"].items() for method in steps}
    assert told == {
        (door.method, _PARAMETER.sub(r"{\1}", door.path)) for door in all_doors() if door.is_api
    }
    names = [step["operationId"] for steps in document["paths"].values() for step in steps.values()]
    assert len(names) == len(set(names))


async def test_every_reference_of_the_document_is_there(house: WorldHouse) -> None:
    async with open_client(house.base) as session:
        text = await (await session.get("/openapi.json")).text()
        document = await (await session.get("/openapi.json")).json()
    wanted = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert wanted
    assert wanted <= set(document["components"]["schemas"])


async def test_bodies_of_one_name_do_not_hide_each_other(house: WorldHouse) -> None:
    async with open_client(house.base) as session:
        document = await (await session.get("/openapi.json")).json()
    compared = 0
    for door in all_doors():
        if not door.is_api or door.body is None:
            continue
        step = document["paths"][_PARAMETER.sub(r"{\1}", door.path)][door.method.lower()]
        schema = step["requestBody"]["content"]["application/json"]["schema"]
        name = schema["$ref"].rsplit("/", 1)[-1]
        told = document["components"]["schemas"][name].get("properties", {})
        assert set(told) == set(door.body.model_fields), door.name
        compared += 1
    assert compared > 40


def test_a_door_declares_the_body_that_it_reads() -> None:
    wrong = []
    for door in all_doors():
        read = _PARSED.findall(inspect.getsource(door.handler))
        if read and (door.body is None or read != [door.body.__name__]):
            wrong.append(f"{door.name} reads {read}, declares {door.body}")
    assert wrong == []


def test_every_json_door_declares_its_answer() -> None:
    silent = {door.name for door in all_doors() if door.is_api and door.answer is None}
    assert silent == PROTOCOL


async def test_real_answers_are_what_the_document_says(house: WorldHouse) -> None:
    wrong, compared = [], 0
    async with open_client(house.base) as session:
        for door in all_doors():
            if not door.is_api or door.name in PROTOCOL or door.method != "GET":
                continue
            person = somebody(house.world, door)
            answer = await ask(session, make_question(door, house.things(person)), person=person)
            compared += answer.status == HTTPStatus.OK
            problem = _differs(door, answer)
            if problem:
                wrong.append(f"{door.name}: {problem}")
    assert wrong == []
    assert compared > 12


def _differs(door: Door, answer: Answered) -> str | None:
    if door.answer is None or answer.status != HTTPStatus.OK:
        return None if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else str(answer.status)
    kind = TypeAdapter(door.answer)
    found = kind.validate_json(answer.body)
    told = set(answer.json()) - set(json.loads(kind.dump_json(found)))
    return f"undocumented {sorted(told)}" if told else None
