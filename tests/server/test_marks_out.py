"""Marks leave by a door of their own: as a drawing or as data, for whom, and what is written."""

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from consult.annotations.svg import svg_of
from consult.cases import service as cases
from consult.dossiers import check_dossier
from consult.kernel.work import Role
from consult.reports import marks_out
from tests.makers.marks import lesions, mark, pictures
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import PASSWORD, Person, Side
from tests.makers.world_story import AMENDED
from tests.server.test_dossiers import WITH_IMAGES, expert, export, files_in, physician

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SVG = "{http://www.w3.org/2000/svg}"
SIGNED = [[2.0, 3.0], [9.5, 11.25]]


def door(house: WorldHouse, thing: str = "amended") -> str:
    return f"/api/cases/{house.world.things[thing]}/marks/export"


def marked_image(house: WorldHouse, thing: str = "amended") -> str:
    near = house.world.consortium
    case = house.world.now.system(cases.get_case, case_id=house.world.things[thing])
    return pictures(near, case, by=near.expert)[0].id


async def take(
    house: WorldHouse, person: Person, *, thing: str = "amended", **query: str
) -> tuple[int, dict[str, str], bytes]:
    """What leaves by the door; whose marks and where is what the query says."""
    async with house.visitor(person) as visitor:
        place = visitor.at(door(house, thing))
        async with visitor.raw.get(place, params=query) as answer:
            return answer.status, dict(answer.headers), await answer.read()


def of_report(house: WorldHouse, **more: str) -> dict[str, str]:
    at = f"{marked_image(house)}.1"
    report = house.world.things["amended_report"]
    return {"report": report, "at": at, "reason": "treatment", **more}


async def test_both_sides_take_the_signed_marks_as_a_drawing_that_no_browser_runs(
    house: WorldHouse,
) -> None:
    taken = [
        await take(house, person, **of_report(house))
        for person in (physician(house), expert(house))
    ]
    assert [status for status, _headers, _body in taken] == [200, 200]
    assert taken[0][2] == taken[1][2]
    _status, headers, body = taken[0]
    assert headers["Content-Type"] == "image/svg+xml"
    assert re.fullmatch(
        r'attachment; filename="LZ[0-9-]+-[0-9a-f]{6}-1\.svg"', headers["Content-Disposition"]
    )
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    root = ET.fromstring(body)  # noqa: S314 - our own
    assert root.get("viewBox") == "0 0 16 16"
    group = root.find(SVG + "g")
    assert group is not None
    (x1, y1), (x2, y2) = SIGNED
    steps = str(group[1].get("points")).split()
    drawn = [[float(part) for part in step.split(",")] for step in steps]
    assert drawn == [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
    assert group.get("stroke") == lesions().by_code["haemorrhage"].colour
    author = house.world.consortium.expert.person
    assert group.findtext(SVG + "title") == f"haemorrhage · {author}"


async def test_nothing_of_the_patient_is_in_it(house: WorldHouse) -> None:
    case = house.world.now.system(cases.get_case, case_id=house.world.things["amended"])
    for form in ("svg", "json"):
        _status, headers, body = await take(house, expert(house), **of_report(house, form=form))
        text = body.decode() + headers["Content-Disposition"]
        for secret in (AMENDED.name, AMENDED.number, case.patient_id, case.id):
            assert secret not in text


async def test_the_same_marks_leave_as_data(house: WorldHouse) -> None:
    query = of_report(house, form="json")
    status, headers, body = await take(house, physician(house), **query)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert headers["Content-Disposition"].endswith('.json"')
    told = json.loads(body)
    assert (told["schema"], told["columns"], told["rows"]) == ("lianzhen.marks/1", 16, 16)
    assert [each["points"] for each in told["marks"]] == [SIGNED]
    assert told["author_id"] == house.world.consortium.expert.person


async def test_every_taking_is_a_line_with_its_reason_and_the_hash_of_what_left(
    house: WorldHouse,
) -> None:
    _status, _headers, body = await take(house, expert(house), **of_report(house, reason="quality"))
    line = [each for each in house.world.now.lines() if each.kind == "marks.exported"][-1]
    assert (line.case_id, line.reason) == (house.world.things["amended"], "quality")
    assert line.practitioner_id == expert(house).actor.person
    assert line.codes == {
        "image": marked_image(house),
        "frame": 1,
        "reader": house.world.consortium.expert.person,
        "revision": line.codes["revision"],
        "report": house.world.things["amended_report"],
        "form": "svg",
        "sha256": hashlib.sha256(body).hexdigest(),
    }


async def test_what_is_asked_wrongly_is_refused_by_its_field_and_nothing_is_written(
    house: WorldHouse,
) -> None:
    before = house.world.now.kinds().count("marks.exported")
    right = of_report(house)
    other = "01JAAAAAAAAAAAAAAAAAAAAAAA"
    for changed, field, code in (
        ({"at": ""}, "at", "field-missing"),
        ({"at": other}, "at", "field-malformed"),
        ({"at": f"{other}.1"}, "at", "marks-none"),
        ({"at": right["at"].replace(".1", ".2")}, "at", "marks-none"),
        ({"at": right["at"].replace(".1", ".-1")}, "at", "field-malformed"),
        ({"at": right["at"].replace(".1", ".1e3")}, "at", "field-malformed"),
        ({"at": right["at"].replace(".1", ".9999999999")}, "at", "field-malformed"),
        ({"at": right["at"].replace(".1", ".١")}, "at", "field-malformed"),
        ({"reason": ""}, "reason", "field-missing"),
        ({"reason": "because"}, "reason", "field-not-a-choice"),
        ({"form": "html"}, "form", "field-not-a-choice"),
        ({"report": ""}, "reader", "field-missing"),
        ({"revision": "x"}, "revision", "field-malformed"),
    ):
        status, _headers, body = await take(house, expert(house), **(right | changed))
        told = json.loads(body)
        assert (status, told["errors"][0]["field"], told["errors"][0]["code"]) == (
            422,
            field,
            code,
        ), changed
        assert told["errors"][0]["sentence"]
    for missing in (
        {"report": other},
        {"report": house.world.things["report"]},
        {"report": "", "reader": other},
        {"revision": "99"},
    ):
        status, _headers, _body = await take(house, expert(house), **(right | missing))
        assert status == 404, missing
    assert house.world.now.kinds().count("marks.exported") == before


async def test_another_sites_page_takes_nothing(house: WorldHouse) -> None:
    async with house.visitor(expert(house)) as visitor:
        for site, wanted in (("cross-site", 403), ("same-site", 403), ("same-origin", 200)):
            async with visitor.raw.get(
                visitor.at(door(house)),
                params=of_report(house),
                headers={"Sec-Fetch-Site": site},
            ) as answer:
                assert answer.status == wanted


@pytest.mark.parametrize("role", list(Role))
async def test_only_the_physician_who_asks_and_the_expert_take_marks(
    house: WorldHouse, role: Role
) -> None:
    for side in Side:
        try:
            person = house.world.person(side, role)
        except KeyError:
            continue
        status, _headers, _body = await take(house, person, **of_report(house))
        may = role in {Role.REQUESTING_PHYSICIAN, Role.EXPERT}
        wanted = 403 if not may else 404 if side is Side.AWAY else 200
        assert status == wanted, (side, role)
        async with house.visitor(person) as visitor:
            page = f"/cases/{house.world.things['amended']}/marks"
            assert (await visitor.page(page))[0] == wanted, (side, role)


async def test_unsigned_marks_are_their_readers_and_her_panels_alone(house: WorldHouse) -> None:
    label = "</title><script>alert(1)</script>"
    now = await save_twice(house, label=label)
    reader, at = expert(house), f"{marked_image(house, 'case')}.1"
    query = {"reader": reader.actor.person, "at": at, "reason": "quality"}
    points = {}
    for more in ({}, {"revision": str(now)}, {"revision": str(now - 1)}):
        status, _headers, content = await take(house, reader, thing="case", **query, **more)
        root = ET.fromstring(content)  # noqa: S314 - our own
        ring = root.find(f"{SVG}g/{SVG}circle")
        assert (status, ring is None) == (200, False)
        points[more.get("revision", "")] = ring.get("cx")
        assert b"<script" not in content
        assert root.findtext(f"{SVG}g/{SVG}text") == label
    assert points == {"": "3", str(now): "3", str(now - 1): "2"}
    assert (await take(house, physician(house), thing="case", **query))[0] == 404
    colleague = house.world.consortium.leader
    found = house.world.now.do(
        colleague,
        marks_out.find_frame,
        case_id=house.world.things["case"],
        asked=query,
        second=None,
    )
    assert found[2].author_id == reader.actor.person, "her panel sees it"


async def test_an_earlier_saving_is_opened_from_the_page(house: WorldHouse) -> None:
    label = "右眼 <b>渗出</b>"
    now = await save_twice(house, label=label)
    page = f"/cases/{house.world.things['case']}/marks"
    async with house.visitor(expert(house)) as visitor:
        status, text = await visitor.page(page, params={"revision": str(now - 1)})
        assert status == 200
        assert re.search(rf'name="revision" value="{now - 1}"', text)
        assert f'<option value="{now - 1}" selected>' in text
        for nonsense in ("0", "x", "99999999999999999999", "-1"):
            status, text = await visitor.page(page, params={"revision": nonsense})
            assert (status, f'<option value="{now}" selected>' in text) == (200, True)
    async with house.visitor(physician(house)) as visitor:
        status, text = await visitor.page(page)
    assert (status, "/marks/export" in text) == (200, False)


async def test_who_opened_the_page_stands_in_the_journal(house: WorldHouse) -> None:
    """It names the patient, and may be opened by its address alone."""
    case_id = house.world.things["case"]

    def openings() -> list[tuple[str, str | None]]:
        lines = [each for each in house.world.now.lines() if each.case_id == case_id]
        return [(each.kind, each.practitioner_id) for each in lines if each.kind == "case.opened"]

    before = len(openings())
    async with Visitor(house.base) as visitor:
        await visitor.sign_in(expert(house).login, PASSWORD)
        for _ in range(2):
            assert (await visitor.page(f"/cases/{case_id}/marks"))[0] == 200
        assert openings()[before:] == [("case.opened", expert(house).actor.person)]


async def save_twice(house: WorldHouse, *, label: str) -> int:
    """A point in the third column, then in the fourth; the number of the newest saving."""
    image_id, place = marked_image(house, "case"), f"/api/cases/{house.world.things['case']}/marks"
    async with house.visitor(expert(house)) as visitor:
        _status, found = await visitor.get(place)
        revision = next(each["revision"] for each in found["sheets"] if each["is_mine"])
        for column in (2, 3):
            marks = [mark(image_id, "point", points=[[column, 3.5]], label=label)]
            body = {"revision": revision, "marks": marks, "key_images": []}
            status, saved = await put(visitor, place, body)
            assert status == 200, saved
            revision = saved["revision"]
    return int(revision)


async def put(visitor: Any, place: str, body: object) -> tuple[int, Any]:
    headers = {"X-CSRF-Token": visitor.token, "Origin": visitor.base}
    async with visitor.raw.put(visitor.at(place), json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_the_pages_lead_there_whoever_may_take_them(house: WorldHouse) -> None:
    things = house.world.things
    place = f"/cases/{things['amended']}/marks"
    for path in (f"/cases/{things['amended']}", f"/reports/{things['amended_report']}"):
        for person, leads in (
            (physician(house), True),
            (expert(house), True),
            (house.world.person(Side.LEAD, Role.COORDINATOR), False),
        ):
            async with house.visitor(person) as visitor:
                status, text = await visitor.page(path)
            assert (status, f'href="{place}"' in text) == (200, leads), (path, person.role)
    for path in (f"/cases/{things['reported']}", f"/reports/{things['report']}"):
        async with house.visitor(expert(house)) as visitor:
            status, text = await visitor.page(path)
        assert (status, "/marks" in text) == (200, False), "no marks under that report"


async def test_the_dossier_has_the_drawing_beside_the_data_and_holds_it(
    house: WorldHouse,
) -> None:
    files = files_in((await export(house, expert(house), WITH_IMAGES, thing="amended"))[1])
    image_id = marked_image(house)
    name = f"reports/1.marks.{image_id}.1.svg"
    assert [each for each in sorted(files) if each.endswith(".svg")] == [
        name,
        name.replace("/1.", "/2."),
    ]
    assert check_dossier.check_drawings(files) == 2
    _status, _headers, taken = await take(house, expert(house), **of_report(house))
    assert files[name] == taken
    again = files_in((await export(house, physician(house), WITH_IMAGES, thing="amended"))[1])
    assert again == files, "whoever takes marks changes nothing of the case"
    for before, after in (
        (b"<title>", b"<script>1</script><title>"),
        (b"<g ", b'<g onclick="alert(1)" '),
        (b'<g id="', b'<g id="x'),
        (b"</svg>", b""),
        (b"<svg", b"<!DOCTYPE svg><svg"),
        (b"[9.5,11.25]", b"[9.5,11.5]"),
    ):
        assert files[name].count(before) == 1, before
        changed = files | {name: files[name].replace(before, after)}
        with pytest.raises(check_dossier.DamagedError):
            check_dossier.check_drawings(changed)


async def test_what_the_door_gives_is_what_the_service_finds(house: WorldHouse) -> None:
    found = house.world.now.do(
        expert(house).actor,
        marks_out.find_frame,
        case_id=house.world.things["amended"],
        asked=of_report(house),
        second=None,
    )
    _status, _headers, taken = await take(house, expert(house), **of_report(house))
    assert svg_of(found[2], lesions()) == taken
