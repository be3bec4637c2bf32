"""Notices outside the page, through a real house, a mail server and a group's robot (Q-13)."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from consult.kernel.work import Role, Work
from consult.notices import store
from consult.notices.tables import NoticeWayRow
from server.notices.robots import signed
from tests.makers.cases import citizen_number
from tests.makers.certificates import make_authority
from tests.makers.image_house import until
from tests.makers.mail_server import NAME, PASSWORD, Group, Letterbox, open_group, open_letterbox
from tests.makers.reports import make_read_case
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
PATIENT = "欧阳夏丹"
HOME = "https://consult.example"


@dataclass
class Told:
    """A house, its mail server, and the robot of a group."""

    house: WorldHouse
    box: Letterbox
    group: Group

    @property
    def expert(self) -> Person:
        """Who leads the panel before which cases wait."""
        return self.house.world.person(Side.LEAD, Role.EXPERT)

    async def wish(self, *, by: Person | None = None, **body: Any) -> tuple[int, Any]:
        """Somebody chooses a way."""
        async with self.house.visitor(by or self.expert) as visitor:
            return await visitor.send("/api/account/notices", {"events": ["waiting"], **body})

    async def ready(self) -> None:
        """The house has begun to read its journal for notices."""
        await until(lambda: self.read(lambda work: store.find_cursor(work.session) is not None))

    def read(self, step: Any) -> Any:
        """Look into the house's database."""
        return self.house.world.now.system(step)

    def submit(self, number: int = 1) -> str:
        """A clinic sends a case; its number."""
        world = self.house.world.consortium
        document = citizen_number(40 + number)
        return make_read_case(world, name=PATIENT, document_number=document).number

    def lines(self) -> list[tuple[str, int, bool]]:
        """Each way: why it fails, how often it was tried, whether something arrived."""

        def step(work: Work) -> list[tuple[str, int, bool]]:
            rows = work.session.scalars(select(NoticeWayRow).order_by(NoticeWayRow.id))
            return [(row.failure, row.tries, row.sent_at is not None) for row in rows]

        return list(self.read(step))

    def rest_no_longer(self) -> None:
        """As if the time between two tries were over."""

        def step(work: Work) -> None:
            work.session.execute(update(NoticeWayRow).values(rests_until=None))

        self.read(step)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """Everything of one test is its own."""
    authority = make_authority(tmp_path / "authority")
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n", "utf-8")
    pair = (str(authority.pair.certificate_file), str(authority.pair.key_file))
    with ExitStack() as stack:
        box = stack.enter_context(open_letterbox(pair))
        group = stack.enter_context(open_group())
        settings = {
            "mail_host": "127.0.0.1",
            "mail_port": str(box.port),
            "mail_ca": str(authority.certificate_file),
            "mail_user": NAME,
            "mail_password_file": str(password),
            "mail_from": "lianzhen@hospital.example",
            "notice_origins": group.origin,
            "public_url": HOME,
        }
        house = stack.enter_context(open_world(tmp_path / "data", **settings))
        yield Told(house, box, group)


async def test_who_chose_it_gets_a_letter_without_a_word_about_the_patient(told: Told) -> None:
    await told.ready()
    assert (await told.wish(kind="email", address="li@hospital.example"))[0] == 200
    number = told.submit()
    await until(lambda: told.box.letters)

    [(to, letter)] = told.box.letters
    text = letter.get_content()
    assert to == "li@hospital.example"
    assert number in text
    assert f"{HOME}/cases/" in text
    assert letter["Auto-Submitted"] == "auto-generated"
    whole = f"{letter['Subject']} {text} {letter['From']} {told.box.said}"
    assert PATIENT not in whole
    assert citizen_number(41) not in whole
    await until(lambda: told.lines() == [("", 0, True)])
    assert "li@hospital.example" not in told.house.house.log()


async def test_a_robot_of_dingtalk_is_signed_and_one_of_wecom_is_not(told: Told) -> None:
    await told.ready()
    robot = {"address": f"{told.group.origin}/robot/send?access_token=7", "secret": "SECret"}
    assert (await told.wish(kind="dingtalk", **robot))[0] == 200
    place = f"{told.group.origin}/cgi-bin/webhook/send?key=9"
    assert (await told.wish(kind="wecom", address=place))[0] == 200
    number = told.submit()
    await until(lambda: len(told.group.heard) == 2)

    by_path = {each.path: each for each in told.group.heard}
    ding, wecom = by_path["/robot/send"], by_path["/cgi-bin/webhook/send"]
    now_ms = int(ding.query["timestamp"][0])
    assert ding.query["sign"][0] in _unquoted(
        signed(robot["address"], secret="SECret", now_ms=now_ms)
    )
    assert set(wecom.query) == {"key"}
    for each in (ding, wecom):
        assert each.body["msgtype"] == "text"
        assert number in str(each.body["text"])
        assert PATIENT not in str(each.body)
    await until(lambda: told.lines() == [("", 0, True)] * 2)


async def test_nobody_is_told_of_what_she_did_not_choose(told: Told) -> None:
    await told.ready()
    doctor = told.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    for address, by, events in (
        ("other@hospital.example", told.expert, ["answered"]),
        ("clinic@hospital.example", doctor, ["waiting"]),
        ("panel@hospital.example", told.expert, ["waiting"]),
    ):
        status, _ = await told.wish(by=by, kind="email", address=address, events=events)
        assert status == 200
    told.submit()
    told.submit(2)
    await until(lambda: sum(_cases(letter) for _, letter in told.box.letters) == 2)
    assert {to for to, _ in told.box.letters} == {"panel@hospital.example"}


async def test_a_server_that_refuses_is_seen_by_the_administrator_and_tried_again(
    told: Told,
) -> None:
    await told.ready()
    told.box.refuses = True
    await told.wish(kind="email", address="li@hospital.example")
    number = told.submit()
    await until(lambda: told.lines() == [("refused", 1, False)])

    boss = told.house.world.person(Side.LEAD, Role.ADMINISTRATOR)
    async with told.house.visitor(boss) as visitor:
        _, page = await visitor.page("/admin/notices")
        status, read = await visitor.get("/api/admin/notices")
    assert "服务器拒收" in page
    assert "li@hospital.example" not in page
    assert (status, read["rows"][0]["waiting"]) == (200, 1)

    told.box.refuses = False
    told.rest_no_longer()
    await until(lambda: told.box.letters)
    assert number in told.box.letters[0][1].get_content()
    await until(lambda: told.lines() == [("", 0, True)])
    async with told.house.visitor(boss) as visitor:
        assert (await visitor.get("/api/admin/notices"))[1]["rows"] == []


async def test_a_server_that_hangs_keeps_no_other_way_and_loses_nothing(told: Told) -> None:
    await told.ready()
    told.box.hangs = True
    await told.wish(kind="email", address="li@hospital.example")
    told.group.hanging = "/hanging"
    await told.wish(kind="wecom", address=f"{told.group.origin}/hanging?key=1")
    place = f"{told.group.origin}/cgi-bin/webhook/send?key=9"
    await told.wish(kind="wecom", address=place)
    told.submit()
    await until(lambda: told.lines()[2] == ("", 0, True))
    slow = [("peer-slow", 1)] * 2
    await until(lambda: [each[:2] for each in told.lines()[:2]] == slow, seconds=120)
    boss = told.house.world.person(Side.LEAD, Role.ADMINISTRATOR)
    async with told.house.visitor(boss) as visitor:
        rows = (await visitor.get("/api/admin/notices"))[1]["rows"]
    assert [row["waiting"] for row in rows] == [1, 1], "seen by whoever can act"
    told.box.hangs, told.group.hanging = False, ""
    told.rest_no_longer()
    await until(lambda: told.box.letters)
    await until(lambda: all(sent for *_, sent in told.lines()))


@pytest.mark.parametrize(
    ("status", "answer", "failure"),
    [
        (500, {}, "refused"),
        (200, {"errcode": 310000, "errmsg": "sign not match"}, "refused"),
        (302, {}, "elsewhere"),
    ],
)
async def test_a_robot_that_says_no_is_tried_again_and_no_redirect_is_followed(
    told: Told, status: int, answer: dict[str, object], failure: str
) -> None:
    await told.ready()
    told.group.status, told.group.answer = status, answer
    if status == 302:
        told.group.headers = {"Location": f"{told.group.origin}/elsewhere"}
    await told.wish(kind="wecom", address=f"{told.group.origin}/send?key=9")
    told.submit()
    await until(lambda: told.lines() == [(failure, 1, False)])
    assert [each.path for each in told.group.heard] == ["/send"]
    told.group.status, told.group.answer = 200, {"errcode": 0}
    told.rest_no_longer()
    await until(lambda: told.lines() == [("", 0, True)])


async def test_what_waits_is_sent_after_the_house_was_cut_off(told: Told) -> None:
    await told.ready()
    told.box.refuses = True
    await told.wish(kind="email", address="li@hospital.example")
    number = told.submit()
    await until(lambda: told.lines() == [("refused", 1, False)])
    told.house.house.kill()
    told.box.refuses = False
    told.rest_no_longer()
    told.house.house.start_again()
    await until(lambda: told.box.letters)
    [(_, letter)] = told.box.letters
    assert number in letter.get_content()


async def test_a_way_is_its_persons_own_and_a_key_is_never_shown(told: Told) -> None:
    await told.ready()
    place = f"{told.group.origin}/send?key=geheim"
    await told.wish(kind="wecom", address=place, digests="17:00，12:00")
    for body, code in (
        ({"address": "https://127.0.0.1/send"}, "notice-robot-address"),
        ({"address": place, "digests": "8:00 9:00 10:00 11:00 12:00"}, "notice-time-malformed"),
        ({"address": place, "digests": "08:00 09:00 10:00 11:00 12:00"}, "notice-digests-many"),
    ):
        status, refusal = await told.wish(kind="wecom", **body)
        assert (status, refusal["errors"][0]["code"]) == (422, code)

    async with told.house.visitor(told.expert) as visitor:
        _, page = await visitor.page("/account/notices")
        _, read = await visitor.get("/api/account/notices")
    assert "geheim" not in page
    assert "geheim" not in str(read)
    assert "12:00 · 17:00" in page
    [row] = read["rows"]
    assert row["digests"] == ["12:00", "17:00"]
    doctor = told.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with told.house.visitor(doctor) as visitor:
        assert (await visitor.get("/api/account/notices"))[1]["rows"] == []
        path = f"/api/account/notices/{row['id']}/remove"
        assert (await visitor.send(path, {}))[0] == 404
    async with told.house.visitor(told.expert) as visitor:
        assert (await visitor.send(path, {}))[0] == 200
        assert (await visitor.get("/api/account/notices"))[1]["rows"] == []


def _cases(letter: Any) -> int:
    """Of how many cases a letter tells."""
    return int(letter.get_content().count(f"{HOME}/cases/"))


def _unquoted(address: str) -> str:
    return address.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
