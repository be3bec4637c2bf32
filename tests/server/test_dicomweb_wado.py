"""Objects are given whole, in pieces, and to nobody else."""

import asyncio
from pathlib import Path

import pytest
import requests
from pydicom import dcmread
from pydicom.dataset import Dataset

from consult.kernel.work import Role
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from tests.makers.dicomweb import Machine, open_machine, place_of, written
from tests.makers.image_house import until
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


def test_one_object_is_given_in_pieces_and_not_twice_to_whom_holds_it(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    data = written(sample)
    machine.store(data)
    single = 'application/dicom; transfer-syntax="*"'
    whole = machine.get(place_of(sample), accept=single)
    assert whole.content == data
    assert whole.headers["Cache-Control"] == "private, no-cache"
    piece = machine.get(place_of(sample), accept=single, Range="bytes=100-199")
    assert (piece.status_code, piece.content) == (206, data[100:200])
    assert piece.headers["Content-Range"] == f"bytes 100-199/{len(data)}"
    mark = whole.headers["ETag"]
    held = machine.get(place_of(sample), accept=single, **{"If-None-Match": mark})
    assert (held.status_code, held.content) == (304, b"")
    other = open_machine(house, *Right)
    again = other.get(place_of(sample), accept=single, **{"If-None-Match": mark})
    assert again.status_code == 200
    assert again.headers["ETag"] != mark


def test_a_token_opens_what_its_rights_say_and_nothing_once_it_is_shut_out(
    house: WorldHouse, sample: Dataset
) -> None:
    camera = open_machine(house, Right.STORE_IMAGES)
    assert camera.store(written(sample)).status_code == 200
    for path in ("/studies", place_of(sample), f"{place_of(sample)}/metadata"):
        answer = camera.get(path, accept="*/*")
        assert (answer.status_code, answer.json()["code"]) == (403, "token-not-allowed")
    root = house.base
    headers = {"Authorization": f"Bearer {camera.token}"}
    assert requests.get(f"{root}/api/cases", headers=headers, timeout=60).status_code in {401, 404}
    administrator = house.world.person(Side.HOME, Role.ADMINISTRATOR).actor
    newest = house.world.now.do(administrator, machines.list_machines)[0]
    house.world.now.do(administrator, machines.revoke_machine, machine_id=newest.id)
    answer = camera.store(written(sample))
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_another_institution_neither_finds_nor_gets_nor_overwrites(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    data = written(sample)
    machine.store(data)
    other = open_machine(house, *Right, side=Side.AWAY)
    assert other.get(f"/studies?StudyInstanceUID={sample.StudyInstanceUID}").json() == []
    nothing = other.get("/studies/1.2.3/series/1.2.3/instances/1.2.3", accept="*/*")
    for path in ("", "/metadata", "/frames/1", "/bulkdata/7FE00010", "/rendered"):
        answer = other.get(f"{place_of(sample)}{path}", accept="*/*")
        assert (answer.status_code, answer.content) == (404, nothing.content)
    assert other.store(data).status_code == 404
    own = Machine(f"{house.base}/dicomweb", other.token)
    assert own.store(data).status_code == 200
    assert own.get(f"/studies?StudyInstanceUID={sample.StudyInstanceUID}").json()
    single = 'application/dicom; transfer-syntax="*"'
    assert machine.get(place_of(sample), accept=single).content == data


def test_what_was_given_out_stands_in_the_journal(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    machine.store(written(sample))
    machine.get(place_of(sample), accept="application/dicom")
    lines = [each for each in house.world.now.lines() if each.kind == "study.retrieved"]
    assert "instance" in lines[-1].codes or "answers" in lines[-1].codes
    assert (lines[-1].practitioner_id, lines[-1].patient_id) == (None, None)
    assert str(lines[-1].session_id).startswith("machine:")


async def test_what_a_machine_takes_of_one_study_at_once_is_a_first_line_and_a_count(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    machine.store(written(sample))
    await asyncio.to_thread(machine.get, place_of(sample), accept="application/dicom")
    told = [each for each in house.world.now.lines() if each.kind == "study.retrieved"]
    study_id = [each for each in told if "instance" in each.codes][-1].object_id

    def lines() -> list[dict[str, object]]:
        told = [each for each in house.world.now.lines() if each.kind == "study.retrieved"]
        return [dict(each.codes) for each in told if each.object_id == study_id]

    assert len(lines()) == 1
    for _ in range(4):
        await asyncio.to_thread(machine.get, f"{place_of(sample)}/frames/1", accept="*/*")
    await until(lambda: sum(int(str(each.get("answers", 1))) for each in lines()) == 5)
    assert all(each["instances"] == 1 for each in lines())


@pytest.mark.parametrize("path", ["", "/frames/1", "/bulkdata/7FE00010", "/bulkdata/00080018"])
def test_stored_bytes_leave_only_by_whoever_may_take_originals_and_are_written_down(
    machine: Machine, house: WorldHouse, sample: Dataset, path: str
) -> None:
    machine.store(written(sample))
    address = f"{machine.base}{place_of(sample)}{path}"

    def status(role: Role, **headers: str) -> int:
        person = house.world.person(Side.HOME, role)
        told = {"Accept": "*/*", **headers}
        answer = requests.get(address, headers=told, cookies=person.cookies, timeout=60)
        return answer.status_code

    def count() -> int:
        """First entries; what was gathered behind another one comes when it comes."""
        told = [each for each in house.world.now.lines() if each.kind == "study.retrieved"]
        return sum("answers" not in each.codes for each in told)

    before = count()
    assert status(Role.PHOTOGRAPHER) == 403
    assert status(Role.REQUESTING_PHYSICIAN, **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert count() == before
    assert machine.get(f"{place_of(sample)}{path}", accept="*/*").status_code == 200
    assert count() == before + 1


def test_a_frame_is_given_once_and_native_pixels_are_one_value(
    machine: Machine, real_files: Path
) -> None:
    sent = dcmread(next((real_files / "dicom").rglob("*multiframe*/*.dcm")))
    machine.store(written(sent))
    again = machine.get(f"{place_of(sent)}/frames/1,1", accept="*/*")
    assert (again.status_code, again.json()["code"]) == (400, "request-malformed")
    both = machine.get(f"{place_of(sent)}/frames/1,2", accept="multipart/related; type=*/*")
    assert both.content.count(b"Content-Location") == 2
    whole = machine.get(f"{place_of(sent)}/bulkdata/7FE00010", accept="application/octet-stream")
    assert whole.content == sent.PixelData


PROGRAMS = {
    "a Windows program": b"MZ\x90\0\3\0\0\0",
    "a Linux program": b"\x7fELF\2\1\1\0",
    "a page": b"<html><script>alert(1)</script>",
    "a script": b"/*GIF89a*/=1;alert(1)//",
    "a picture": b"GIF89a\1\0\1\0",
    "a document": b"%PDF-1.7\n",
    "an archive": b"PK\3\4\x14\0",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_object_that_is_something_else_too_leaves_as_an_object_alone(
    machine: Machine, sample: Dataset, name: str
) -> None:
    data = PROGRAMS[name].ljust(128, b"\0") + written(sample)[128:]
    assert machine.store(data).status_code == 200
    place = place_of(sample)
    for accept, kind in (
        ('application/dicom; transfer-syntax="*"', "application/dicom"),
        ("text/html, */*", "multipart/related"),
    ):
        answer = machine.get(place, accept=accept)
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    whole = machine.get(place, accept='application/dicom; transfer-syntax="*"')
    assert (whole.content, whole.headers["Content-Disposition"]) == (data, "attachment")
    assert machine.get(place, accept="text/html").status_code == 406
