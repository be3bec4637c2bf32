"""Second reading through the doors: nothing of the first reading reaches the second reader."""

import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consult.cases.images import service as images
from consult.cases.model import Case
from consult.dossiers import check_dossier
from consult.people.practitioners import service as practitioners
from consult.reports import service_looks, service_marks
from server.auth.passwords import hash_password
from server.transactions import utc_now
from tests.makers.cases import citizen_number
from tests.makers.discussion import say
from tests.makers.door_sweep import everything
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.marks import lesions, mark
from tests.makers.readings import graded
from tests.makers.reports import claim, make_read_case
from tests.makers.rulebooks import copy_config
from tests.makers.second_readings import normal_body
from tests.makers.signing import sign_by_door, write_by_door
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_SAID = ("甲读所见", "甲读结论", "甲读建议", "甲读标注", "甲读讨论", "甲读不采")
_DONE = {"marks.saved", "image.left_out", "image.taken_back"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A house whose diagnoses are read twice."""
    folder = tmp_path_factory.mktemp("second")
    config = copy_config(
        folder / "config", "second_reading.toml", on_for='["remote_diagnosis"]', percent="0"
    )
    with open_image_house(folder / "house", config_dir=str(config)) as opened:
        opened.world.clinic.system(
            practitioners.set_password,
            practitioner_id=opened.world.leader.person,
            password_hash=hash_password(PASSWORD),
            must_change=False,
        )
        yield opened


@pytest.fixture
async def readers(house: ImageHouse) -> AsyncIterator[tuple[Visitor, Visitor]]:
    """The browsers of the first reader and of the second."""
    async with Visitor(house.house.base) as first, Visitor(house.house.base) as second:
        await first.sign_in("li", PASSWORD)
        await second.sign_in("zhou", PASSWORD)
        yield first, second


async def test_no_door_tells_the_second_reader_of_the_first_reading(
    house: ImageHouse, readers: tuple[Visitor, Visitor]
) -> None:
    first, second = readers
    case = _case(house, 601)
    _draw(house, case)
    _talk(house, case)
    reading_id = await sign_by_door(house, case, first, **_words())
    assert (await second.send(f"/api/queue/{case.id}/claim"))[0] == 200

    for by_reader in (second, first):
        assert (await by_reader.get(f"/api/reports/{reading_id}"))[0] == 404
    told = await everything(house, second, case, reading_id)
    _, answer = await second.get("/api/discussions/unread")
    assert case.id not in {each["case_id"] for each in answer["cases"]}
    assert sum(status == 200 for _path, status, _text in told) > 25
    assert {path for path, _status, text in told for word in _SAID if word in text} == set()
    heard = await _heard(second, case)
    assert ("case.second_read" in heard, heard & _DONE) == (True, set())
    own = await everything(house, first, case, reading_id, only="second_readings.")
    assert any(word in text for _path, _status, text in own for word in _SAID)

    linked = [
        f"/cases/{case.id}/readings" in (await reader.page(f"/cases/{case.id}"))[1]
        for reader in (first, second)
    ]
    assert linked == [True, False]

    await _sign_differently(house, case, second)
    talk = await everything(house, second, case, reading_id, only="discussion.")
    assert {path for path, _status, text in talk if "甲读讨论" in text}
    _, answer = await second.get("/api/discussions/unread")
    assert case.id in {each["case_id"] for each in answer["cases"]}
    status, page = await second.page(f"/cases/{case.id}/readings")
    assert (status, "甲读结论" in page, "双眼未见" in page) == (200, False, True)


async def test_the_room_says_that_it_is_a_second_reading_and_offers_no_way_back(
    house: ImageHouse, readers: tuple[Visitor, Visitor]
) -> None:
    first, second = readers
    case = _case(house, 603)
    await sign_by_door(house, case, first, **_words())

    _, listed = await second.page("/worklist?tab=consult")
    _, looked = await second.page(f"/cases/{case.id}/reading")
    assert ("待复核" in listed, f"/api/queue/{case.id}/claim" in looked) == (True, True)
    _, again = await first.page(f"/cases/{case.id}/reading")
    assert f"/api/queue/{case.id}/claim" not in again
    status, answer = await first.send(f"/api/queue/{case.id}/claim")
    assert (status, answer["code"]) == (403, "case-already-read")
    await second.send(f"/api/queue/{case.id}/claim")
    _, room = await second.page(f"/cases/{case.id}/reading")
    assert ("复核：须独立阅片" in room, f"/cases/{case.id}/return" in room) == (True, False)
    status, answer = await second.get(f"/api/cases/{case.id}/dossier?reason=archive")
    assert (status, answer["code"]) == (409, "dossier-while-read")


async def test_the_dossier_of_a_case_whose_readers_agreed_fits(
    house: ImageHouse, readers: tuple[Visitor, Visitor], tmp_path: Path
) -> None:
    first, second = readers
    case = _case(house, 605)
    reading_id = await sign_by_door(house, case, first, **_words())
    await sign_by_door(house, case, second, **_words())

    dossier = tmp_path / "dossier.zip"
    query = {"reason": "archive"}
    async with first.raw.get(first.at(f"/api/cases/{case.id}/dossier"), params=query) as answer:
        dossier.write_bytes(await answer.read())
    assert check_dossier.check(str(dossier))["reports"] == 1
    with zipfile.ZipFile(dossier) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    assert [report["id"] for report in manifest["reports"]] == [reading_id]
    manifest["reports"][0]["sha256"] = "0" * 64
    with pytest.raises(check_dossier.DamagedError, match="does not tell of report 1"):
        check_dossier.check_journal(files, manifest)


def _words() -> dict[str, Any]:
    left = graded(2, findings="甲读所见微血管瘤")
    return {"left": left, "impression": "甲读结论", "advice": "甲读建议"}


def _case(house: ImageHouse, sequence: int) -> Case:
    now = replace(house.world, clinic=house.world.clinic.at(utc_now()))
    return make_read_case(now, document_number=citizen_number(sequence))


def _draw(house: ImageHouse, case: Case) -> None:
    """The first reader marks a picture before she signs."""
    now = replace(house.world, clinic=house.clinic)
    claim(now, case, by=now.expert)
    image = now.clinic.do(now.expert, images.list_case_images, case_id=case.id)[0]
    now.clinic.do(
        now.expert,
        service_marks.save_marks,
        case_id=case.id,
        revision=0,
        told={"marks": [mark(image.id, "text", label="甲读标注")], "key_images": []},
        lesions=lesions(),
    )


def _talk(house: ImageHouse, case: Case) -> None:
    """The first reader writes of it, and leaves a picture out for a while."""
    now = replace(house.world, clinic=house.clinic)
    say(now, case, now.expert, "甲读讨论", to=(now.leader.person,))
    image = now.clinic.do(now.expert, images.list_case_images, case_id=case.id)[0]
    for reason in ("甲读不采", ""):
        now.clinic.do(
            now.expert,
            service_looks.leave_out,
            case_id=case.id,
            instance_id=image.instance.id,
            reason=reason,
        )


async def _heard(reader: Visitor, case: Case) -> set[str]:
    """What this reader's pages are told of the case as it happens."""
    _, answer = await reader.get("/api/events/since?position=0")
    return {line["kind"] for line in answer["entries"] if line["case_id"] == case.id}


async def _sign_differently(house: ImageHouse, case: Case, reader: Visitor) -> None:
    body = normal_body()
    await write_by_door(
        house,
        case,
        reader,
        **{name: getattr(body, name) for name in ("left", "diagnoses", "impression")},
        need=body.referral_need,
        referral_urgency=None,
        interval_months=12,
    )
    _, shown = await reader.get(f"/api/cases/{case.id}/report/preview")
    sent = {"password": PASSWORD, "shown_sha256": shown["shown_sha256"]}
    status, answer = await reader.send(f"/api/cases/{case.id}/report/sign", sent)
    assert status == 200, answer
