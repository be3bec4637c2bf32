"""A panel's roster through its doors, and what the clinic reads before it sends (ID-10, U23)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from consult.cases.model import ServiceType
from consult.kernel.work import Role
from consult.people.organisations import consortia
from consult.people.routing import service as capabilities
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.returns import agree, second_panel
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house of its own for each test: a panel has one roster."""
    with open_world(tmp_path_factory.mktemp("rosters")) as opened:
        yield opened


def keeper(house: WorldHouse) -> Person:
    """A coordinator of the panel's hospital."""
    return house.world.person(Side.LEAD, Role.COORDINATOR)


def expert(house: WorldHouse) -> Person:
    return house.world.person(Side.LEAD, Role.EXPERT)


def today() -> datetime:
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))


async def read_version(house: WorldHouse, panel_id: str) -> int:
    """The state of the roster as its page shows it."""
    async with house.visitor(keeper(house)) as visitor:
        status, page = await visitor.page(f"/rosters/{panel_id}")
    assert status == 200
    return int(page.split('name="version" value="')[1].split('"')[0])


async def test_a_clinic_reads_that_nobody_is_on_duty_before_it_sends(house: WorldHouse) -> None:
    panel_id, draft_id = house.world.things["panel"], house.world.things["draft"]
    who = expert(house).id
    doctor = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    words = {"zh-Hans": "当前无人值班；下次有人值班", "en": "Nobody is on duty now; next"}
    # three days from now alone, whatever the hour at which this runs
    weekday = (today() + timedelta(days=3)).isoweekday()
    body = {"turns": [f"{who}.{weekday}-morning"]}
    version = await read_version(house, panel_id)

    async with house.visitor(doctor) as visitor:
        _status, page = await visitor.page(f"/cases/{draft_id}")
        assert words["zh-Hans"] not in page
    async with house.visitor(keeper(house)) as visitor:
        status, done = await visitor.send(
            f"/api/rosters/{panel_id}/week", {**body, "version": version}
        )
        assert (status, done["location"]) == (200, f"/rosters/{panel_id}")
        stale, _ = await visitor.send(f"/api/rosters/{panel_id}/week", {**body, "version": version})
        assert stale == 409
    for tongue, said in words.items():
        async with house.visitor(doctor, language=tongue) as visitor:
            _status, page = await visitor.page(f"/cases/{draft_id}")
            assert said in page
    assert ("duty.week_set", "panel") in house_lines(house)


async def test_a_single_day_is_entered_shown_and_taken_back(house: WorldHouse) -> None:
    panel_id = house.world.things["panel"]
    day = (today() + timedelta(days=1)).date().isoformat()
    body = {"expert_id": expert(house).id, "day": day, "kind": "off"}
    place = f"/api/rosters/{panel_id}/days"
    async with house.visitor(keeper(house)) as visitor:
        assert (await visitor.send(place, body))[0] == 200
        _status, page = await visitor.page(f"/rosters/{panel_id}")
        duty_id = page.split(f"{place}/")[1].split("/end")[0]
        assert (await visitor.send(f"{place}/{duty_id}/end"))[0] == 200
        assert (await visitor.send(f"{place}/{duty_id}/end"))[0] == 404
        past = {**body, "day": (today() - timedelta(days=2)).date().isoformat()}
        assert (await visitor.send(place, past))[0] == 422
        assert (await visitor.send(place, {**body, "kind": "perhaps"}))[0] == 422
        status, page = await visitor.page("/rosters")
        assert (status, f"/rosters/{panel_id}" in page) == (200, True)


async def test_leave_that_begins_today_puts_what_is_taken_back(house: WorldHouse) -> None:
    case_id = house.world.things["case"]
    day = today().date().isoformat()
    async with house.visitor(expert(house)) as visitor:
        told = {"day_from": day, "day_until": day}
        status, done = await visitor.send("/api/video-leaves", told)
        assert (status, done["lapsed"]) == (200, 0)
        status, refused = await visitor.send(f"/api/queue/{case_id}/claim")
        assert (status, refused["code"]) == (409, "on-leave")
        _status, page = await visitor.page("/schedule/windows")
        leave_id = page.split("/api/video-leaves/")[1].split("/end")[0]
        assert (await visitor.send(f"/api/video-leaves/{leave_id}/end"))[0] == 200
        status, again = await visitor.send(f"/api/queue/{case_id}/claim")
        assert again.get("code") != "on-leave"


async def test_duty_telephones_are_kept_by_those_who_work_there(house: WorldHouse) -> None:
    doctor = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    body = {"who": "总值班", "phone": "0799-2266110", "span": "always"}
    async with house.visitor(doctor) as visitor:
        status, done = await visitor.send("/api/duty-phones", body)
        assert status == 200
        _status, page = await visitor.page(done["location"])
        assert body["phone"] in page
        elsewhere = {**body, "institution_id": house.world.places[Side.LEAD]}
        assert (await visitor.send("/api/duty-phones", elsewhere))[0] == 404
        assert (await visitor.send("/api/duty-phones", {**body, "phone": "no number"}))[0] == 422
        phone_id = page.split("/api/duty-phones/")[1].split("/end")[0]
        assert (await visitor.send(f"/api/duty-phones/{phone_id}/end"))[0] == 200
        assert (await visitor.send(f"/api/duty-phones/{phone_id}/end"))[0] == 404
    async with house.visitor(house.world.person(Side.HOME, Role.PHOTOGRAPHER)) as visitor:
        assert (await visitor.send("/api/duty-phones", body))[0] == 403


async def test_the_catalogue_names_who_can_do_all_of_it(house: WorldHouse) -> None:
    place = house.world.places[Side.LEAD]
    near = house.world.person(Side.LEAD, Role.CONSORTIUM_ADMINISTRATOR)
    doctor = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    api = f"/api/admin/institutions/{place}"
    async with house.visitor(near) as visitor:
        codes = ["oct", "intravitreal_injection"]
        assert (await visitor.send(f"{api}/capabilities", {"codes": codes}))[0] == 200
        assert (await visitor.send(f"{api}/capabilities", {"codes": ["moon"]}))[0] == 422
        clinic = house.world.places[Side.HOME]
        chain = {"second_id": clinic, "third_id": clinic}
        assert (await visitor.send(f"{api}/chain", chain))[0] == 422
    async with house.visitor(doctor, language="en") as visitor:
        _status, page = await visitor.page("/capabilities?need=oct&need=intravitreal_injection")
        table = page.split("<tbody>")[1].split("</tbody>")[0]
        assert table.index("江州市眼科医院") < table.index("云溪镇中心卫生院")
        assert table.count("lacks") == table.count("<tr>") - 1
        status, _page = await visitor.page("/capabilities?need=moon")
        assert status == 200
        refused, _ = await visitor.send(f"{api}/capabilities", {"codes": []})
        assert refused == 403


def hub_elsewhere(house: WorldHouse) -> str:
    """A draft for the panel of one hospital, while the clinic's hub is another one."""
    near, away = house.world.consortium, house.world.places[Side.AWAY]
    near.clinic.system(consortia.add_member, consortium_id=near.id, institution_id=away)
    second_panel(near, at=away)
    agree(near, invited_id=away)
    chain = {"second_id": away, "third_id": None}
    near.clinic.system(capabilities.set_chain, institution_id=near.centre_id, **chain)
    patient = make_patient(near, name="祝阿娣", document_number=citizen_number(771))
    return make_draft(near, patient, service_type=ServiceType.REMOTE_DIAGNOSIS).id


async def test_a_draft_says_what_is_proposed_and_asks_why_the_hub_is_passed_over(
    house: WorldHouse,
) -> None:
    draft_id = hub_elsewhere(house)
    doctor = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with house.visitor(doctor, language="en") as visitor:
        _status, page = await visitor.page(f"/cases/{draft_id}")
        assert "Why past the hub" in page
        assert "not the hub" in page
    async with house.visitor(doctor) as visitor:
        _status, page = await visitor.page(f"/cases/{draft_id}")
        assert "枢纽医院优先" in page
        assert f"/api/cases/{draft_id}/hub-reason" in page
        form = page.split('id="hub-reason"')[1]
        version = int(form.split('name="version" value="')[1].split('"')[0])
        body = {"version": version, "reason": "患者已在该院住院"}
        assert (await visitor.send(f"/api/cases/{draft_id}/hub-reason", body))[0] == 200
        _status, page = await visitor.page(f"/cases/{draft_id}")
        assert body["reason"] in page
        assert f"/api/cases/{draft_id}/hub-reason" not in page
        _status, page = await visitor.page("/cases/new?patient=" + house.world.things["patient"])
        assert page.count("规则建议") >= 3


def house_lines(house: WorldHouse) -> set[tuple[str, str]]:
    """Kind and object type of every line of the journal."""
    return {(line.kind, line.object_type) for line in house.world.clinic.lines()}
