"""After a call each participant signs what she thinks, and the case says what was shown."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.dossiers import check_dossier
from consult.kernel.work import Role
from consult.rooms import service as rooms
from consult.rooms import service_showing
from consult.rooms.turns import service as turns
from consult.rooms.words import service as words
from server.__main__ import run
from tests.makers.calls import open_caller_browser
from tests.makers.rooms import call, come_in, let_in, room_book, talks
from tests.makers.screen import PHONE, Screen, open_screen
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import PASSWORD, Person, Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(400)]
_LAPTOP = (1366, 768)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[WorldHouse]:
    """A house in which a call has been held."""
    with open_world(tmp_path / "house") as opened:
        hold_a_call(opened)
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_caller_browser() as opened:
        yield opened


def people_of(house: WorldHouse) -> tuple[Person, Person]:
    """Who asked, and who answers."""
    return (
        house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN),
        house.world.person(Side.LEAD, Role.EXPERT),
    )


def hold_a_call(house: WorldHouse) -> None:
    """Both meet; a picture is shown, the expert has the word and writes; the call is over."""
    now = house.world.now
    near = replace(house.world.consortium, clinic=now)
    case = now.system(cases.get_case, case_id=house.world.things["case"])
    host, expert = (each.actor for each in people_of(house))
    call(near, case, host)
    come_in(near, case, host)
    let_in(near, case, expert, host=host)
    come_in(near, case, expert)
    here = {"case_id": case.id, "talks": talks()}
    image = now.system(lambda work: images.list_every_image(work, case.id)[0])
    showing = partial(service_showing.note_shown, limits=room_book().limits, **here)
    now.do(expert, showing, image_id=image.id, presenter_id=expert.person)
    now.do(expert, turns.show_hand, raised=True, **here)
    now.do(host, turns.give_word, person_id=expert.person, **here)
    now.do(expert, words.say, text="请看右眼黄斑", **here)
    now.do(host, rooms.end_room, **here)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_expert_signs_her_own_opinion_amends_it_and_both_sides_read_both_wordings(
    house: WorldHouse, browser: Browser, language: str
) -> None:
    host, expert = people_of(house)
    case_id = house.world.things["case"]
    async with (
        open_screen(browser, house.base, language=language, size=_LAPTOP) as reader,
        open_screen(browser, house.base, language=language, size=PHONE) as phone,
    ):
        await reader.come_as(expert.token)
        await reader.go(f"/cases/{case_id}")
        await tells_what_was_shown(reader)
        await signs(reader, case_id, "建议行黄斑 OCT")
        await signs(reader, case_id, "不需要 OCT，3 个月后复查")
        await phone.come_as(host.token)
        await phone.go(f"/cases/{case_id}")
        for screen in (reader, phone):
            said = screen.at("[data-opinion]")
            assert "不需要 OCT" in await said.inner_text()
            await said.locator("summary").click()
            await said.get_by_text("建议行黄斑 OCT").wait_for(state="visible")
            await said.scroll_into_view_if_needed()
            await looks_well(screen, f"opinion-{language}")
        assert await phone.at('[data-dialog-id-value^="opinion-"]').count() == 0
        await phone.go(f"/cases/{case_id}/calls")
        assert "不需要 OCT" in await phone.at("main").inner_text()
        await looks_well(phone, f"opinion-sheet-{language}")
    async with house.visitor(host) as visitor:
        await holds_the_dossier(visitor, case_id)
    assert run(["verify", "--data-dir", str(house.house.data_dir)]) == 0


async def tells_what_was_shown(reader: Screen) -> None:
    """Which picture, by whom, and who had the word."""
    told = await reader.at("#calls").inner_text()
    for zh, en in (("共同查看的影像", "Looked at together"), ("发言记录", "Had the word")):
        assert reader.say(zh, en) in told


async def signs(reader: Screen, case_id: str, text: str) -> None:
    """By the password; a wrong one signs nothing."""
    form = reader.form(f"/api/cases/{case_id}/opinions")
    await reader.at('[data-dialog-id-value^="opinion-"]').click()
    async with reader.refused(422):
        await reader.fill(form, {"text": text, "password": "not mine at all"})
        await (await reader.button_of(form)).click()
    await looks_well(reader, "opinion-dialog")
    await reader.fill(form, {"text": text, "password": PASSWORD})
    await (await reader.button_of(form)).click()
    await reader.at("[data-opinion] > .lines", has_text=text).wait_for(state="visible")


async def holds_the_dossier(visitor: Visitor, case_id: str) -> None:
    """Opinions, messages and turns stand in it, and nothing of them changes unseen."""
    async with visitor.raw.get(
        f"/api/cases/{case_id}/dossier", params={"reason": "archive"}
    ) as answer:
        assert answer.status == 200
        packed = io.BytesIO(await answer.read())
    with zipfile.ZipFile(packed) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest, spki = check_dossier.check_manifest(files, None)
    assert check_dossier.check_opinions(files, manifest, spki) == 2
    assert check_dossier.check_calls(files) == 1
    for name in [each for each in files if each.startswith("opinions/")]:
        for changed in (files | {name: files[name] + b" "}, without(files, name)):
            with pytest.raises((check_dossier.DamagedError, KeyError)):
                check_dossier.check_opinions(changed, manifest, spki)
    [told] = json.loads(files["calls.json"])["calls"]
    assert [each["text"] for each in told["words"]] == ["请看右眼黄斑"]
    assert [each["how"] for each in told["turns"]] == ["ended"]
    assert len(told["shown"]) == 1
    for part, said in (
        ("words", {"text": "请看左眼黄斑"}),
        ("words", {"person_id": "x"}),
        ("turns", {"given_at": None}),
        ("turns", {"person_id": "x"}),
    ):
        changed = told | {part: [told[part][0] | said]}
        content = json.dumps({"calls": [changed]}).encode()
        with pytest.raises(check_dossier.DamagedError):
            check_dossier.check_calls(files | {"calls.json": content})
    for part in ("words", "turns"):
        content = json.dumps({"calls": [told | {part: []}]}).encode()
        with pytest.raises(check_dossier.DamagedError):
            check_dossier.check_calls(files | {"calls.json": content})


def without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    """A dossier from which one file was taken."""
    return {each: content for each, content in files.items() if each != name}


async def looks_well(screen: Screen, name: str) -> None:
    """Nobody is kept out, nothing scrolls sideways, and a picture is kept."""
    await screen.assert_accessible()
    assert await screen.find_overflow() == []
    await screen.shoot(name)
