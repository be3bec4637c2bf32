"""A telephone photographs papers for one case (U21); no consent on paper is forgotten (U17)."""

import asyncio
import io
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from consult.cases.model import Case, ServiceType
from consult.cases.papers.model import PaperLink
from consult.cases.papers.tables import AwaitedPaperRow, PaperLinkRow
from consult.kernel.work import Work
from consult.people.patients.model import Patient
from tests.makers.cases import make_draft
from tests.makers.image_house import ImageHouse, Sender, open_image_house, until
from tests.makers.pictures import make_jpeg, own_copy
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SEND = "/api/join/papers/photographs"
JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("papers") / "house") as opened:
        yield opened


@dataclass(frozen=True)
class Desk:
    """A draft at the clinic's computer, and whose it is."""

    house: ImageHouse
    patient: Patient
    case: Case
    computer: Sender

    @property
    def url(self) -> str:
        """The doors of its papers."""
        return f"/api/cases/{self.case.id}/papers"

    async def make_code(self) -> str:
        """A code for a telephone; its token."""
        status, told = await self.computer.send(f"{self.url}/link")
        assert status == 200, told
        assert told["qr_path"].startswith("M")
        return str(told["address"]).rpartition("/join/papers/")[2]

    async def sign_on_paper(self) -> None:
        """Record that the consent was signed on paper, as the form sends it."""
        body = {
            "case_id": self.case.id,
            "items": ["telemedicine", "data_sharing"],
            "scope": "single",
            "signer": "self",
            "method": "paper",
            "signed_on": self.house.clinic.now.date().isoformat(),
            "cost_yuan": "0",
        }
        status, told = await self.computer.send(f"/api/patients/{self.patient.id}/consents", body)
        assert status == 200, told

    async def due(self) -> str:
        """The list of consents whose photograph is still to come, as it is drawn."""
        status, page = await self.computer.page("/papers")
        assert status == 200
        return page

    def kinds(self) -> list[str]:
        """What the journal says of the papers of the case, the oldest first."""
        told = [line.kind for line in self.house.clinic.lines() if line.case_id == self.case.id]
        return [kind for kind in told if kind.startswith("paper.")]


@pytest.fixture
async def computer(house: ImageHouse) -> Any:
    """The clinic's computer."""
    async with Sender(house.house.base) as opened:
        yield await opened.arrive()


@pytest.fixture
def desk(house: ImageHouse, computer: Sender) -> Desk:
    """A patient who stands before the desk."""
    patient = house.patient(new_name())
    draft = make_draft(house.world, patient, service_type=ServiceType.SCREENING_READ)
    return Desk(house, patient, draft, computer)


def new_name() -> str:
    """A name that stands on no page yet."""
    return "钱" + "".join(chr(0x4E00 + secrets.randbelow(0x1000)) for _ in range(3))


def telephone(house: ImageHouse) -> Visitor:
    """A browser that nobody has used."""
    return Visitor(house.house.base)


def photograph() -> bytes:
    """A picture that nobody has sent before."""
    return own_copy(make_jpeg())


async def use(visitor: Visitor, token: str) -> int:
    """Press the button on the telephone."""
    return (await visitor.send("/api/join/papers", {"token": token}))[0]


async def take(visitor: Visitor, data: bytes, kind: str = "consent") -> tuple[int, Any]:
    """Photograph, as the telephone's page sends it."""
    return await visitor.send(f"{SEND}/{kind}", data=io.BytesIO(data), headers=JPEG)


async def came(visitor: Visitor, text: str) -> str:
    """The telephone's page once nothing is being checked any more and it says this."""
    async with asyncio.timeout(60):
        while True:
            _status, page = await visitor.page("/join/papers")
            if 'data-checking="0"' in page and text in page:
                return page
            await asyncio.sleep(0.05)


def change_links(work: Work, case_id: str, **values: Any) -> None:
    """Let time pass for a code, or put the clock back."""
    work.session.execute(
        update(PaperLinkRow).where(PaperLinkRow.case_id == case_id).values(**values)
    )


async def test_a_consent_photographed_by_telephone_is_in_its_case_and_off_the_list(
    desk: Desk,
) -> None:
    await desk.sign_on_paper()
    assert desk.patient.name in await desk.due()
    assert (await desk.computer.get("/api/papers/count"))[1]["count"] >= 1
    token = await desk.make_code()
    async with telephone(desk.house) as phone:
        assert (await phone.page("/join/papers"))[0] == 410
        for _ in range(2):  # a GET uses nothing up
            status, page = await phone.page(f"/join/papers/{token}")
            assert (status, desk.patient.tail in page, desk.patient.name in page) == (
                *(200, True, False),
            )
        assert await use(phone, token) == 200
        status, told = await take(phone, photograph())
        assert (status, told) == (200, {"left": 9})
        page = await came(phone, "已进入病例")
        assert desk.patient.name not in page
        shown = (await desk.computer.page(f"/cases/{desk.case.id}"))[1]
        assert (await phone.send("/api/join/papers/end"))[0] == 200
        assert (await take(phone, photograph()))[0] == 410
    assert desk.patient.name not in await desk.due()
    thumbnail = re.search(r'src="(/dicomweb/[^"]+/thumbnail)"[^>]*同意书照片', shown)
    assert thumbnail is not None
    assert (await desk.computer.picture(thumbnail.group(1)))[0] == 200
    assert desk.kinds() == [
        *("paper.link_made", "paper.link_used", "paper.sent", "paper.added", "paper.link_ended"),
    ]
    sent = next(
        line
        for line in desk.house.clinic.lines()
        if line.kind == "paper.added" and line.case_id == desk.case.id
    )
    assert sent.practitioner_id == desk.house.world.physician.person
    assert str(sent.session_id).startswith("telephone:")


async def test_of_two_telephones_at_once_one_photographs(desk: Desk) -> None:
    token = await desk.make_code()
    phones = [telephone(desk.house) for _ in range(6)]
    try:
        outcomes = await asyncio.gather(*(use(each, token) for each in phones))
        assert sorted(outcomes) == [200] + [410] * 5
        winner, loser = phones[outcomes.index(200)], phones[outcomes.index(410)]
        assert (await winner.page(f"/join/papers/{token}"))[0] == 200  # led to where it stands
        status, page = await loser.page(f"/join/papers/{token}")
        assert (status, "另一部手机" in page) == (410, True)
        status, told = await take(loser, photograph())
        assert (status, told["code"]) == (403, "paper-telephone-unknown")
    finally:
        for each in phones:
            await each.raw.close()


async def test_a_code_that_is_over_or_taken_back_opens_and_carries_nothing(desk: Desk) -> None:
    first, second = await desk.make_code(), await desk.make_code()
    async with telephone(desk.house) as phone:
        assert await use(phone, first) == 410  # a newer code took it back
        assert await use(phone, second) == 200
        assert (await desk.computer.send(f"{desk.url}/link/end"))[0] == 200
        status, told = await take(phone, photograph())
        assert (status, told["code"]) == (410, "paper-link-ended")
        assert (await phone.page("/join/papers"))[0] == 410
    assert "paper.sent" not in desk.kinds()


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_jumps_ends_a_code(desk: Desk, hours: int) -> None:
    token = await desk.make_code()
    async with telephone(desk.house) as phone:
        assert await use(phone, token) == 200
        made = desk.house.clinic.now + timedelta(hours=hours)
        over = {"made_at": made, "expires_at": made + timedelta(minutes=10)}
        desk.house.clinic.system(change_links, case_id=desk.case.id, **over)
        status, told = await take(phone, photograph())
        assert (status, told["code"]) == (410, "paper-link-expired")


async def test_what_is_no_picture_is_refused_in_words(desk: Desk) -> None:
    token = await desk.make_code()
    async with telephone(desk.house) as phone:
        await use(phone, token)
        pdf = {"Content-Type": "application/pdf"}
        status, told = await phone.send(f"{SEND}/consent", data=b"%PDF-1.7", headers=pdf)
        assert (status, told["code"]) == (422, "paper-type")
        assert (await take(phone, b"\xff" * 2_000_000))[1]["code"] == "paper-too-large"
        assert (await phone.send(f"{SEND}/nonsense", data=b"x", headers=JPEG))[0] == 422
        assert (await take(phone, b"a letter that says it is a JPEG"))[0] == 200
        await came(phone, "JPEG")
        shown = (await desk.computer.page(f"/cases/{desk.case.id}"))[1]
        assert "同意书照片 1" not in shown


async def test_the_eleventh_photograph_waits_for_a_new_code(desk: Desk) -> None:
    token = await desk.make_code()
    async with telephone(desk.house) as phone:
        await use(phone, token)
        outcomes = await asyncio.gather(*(take(phone, photograph()) for _ in range(11)))
        assert sorted(status for status, _told in outcomes) == [200] * 10 + [409]
        page = await came(phone, "10 · ")
        assert 'type="file"' not in page


async def test_a_report_of_another_hospital_is_an_upload_of_the_case_like_any_other(
    desk: Desk,
) -> None:
    token = await desk.make_code()
    async with telephone(desk.house) as phone:
        await use(phone, token)
        assert (await take(phone, photograph(), "outside_report"))[0] == 200
        await came(phone, "已进入病例")
    images = await desk.computer.images(desk.case.id)
    assert len(images["images"]) == 1


async def test_the_picture_of_another_patients_paper_is_not_taken(
    house: ImageHouse, desk: Desk
) -> None:
    data = photograph()
    other = house.patient()
    elsewhere = make_draft(house.world, other, service_type=ServiceType.SCREENING_READ)
    url = f"/api/cases/{elsewhere.id}/papers"
    assert (await desk.computer.send(url, data=data, headers=JPEG))[0] == 200
    await until(lambda: "paper.added" in Desk(house, other, elsewhere, desk.computer).kinds())
    token = await desk.make_code()
    async with telephone(house) as phone:
        await use(phone, token)
        await take(phone, data)
        await came(phone, "另一位患者")
    assert "paper.added" not in desk.kinds()


async def test_a_photograph_of_something_else_is_taken_away_and_the_consent_is_due_again(
    desk: Desk,
) -> None:
    await desk.sign_on_paper()
    assert (await desk.computer.send(desk.url, data=photograph(), headers=JPEG))[0] == 200
    await until(lambda: "paper.added" in desk.kinds())
    assert desk.patient.name not in await desk.due()
    page = (await desk.computer.page(f"/cases/{desk.case.id}"))[1]
    paper = re.search(rf"{desk.url}/([0-9a-f]{{32}})/remove", page)
    assert paper is not None
    url = f"{desk.url}/{paper.group(1)}/remove"
    assert (await desk.computer.send(url, {"reason": " "}))[0] == 422
    assert (await desk.computer.send(url, {"reason": "拍成了处方"}))[0] == 200
    assert (await desk.computer.send(url, {"reason": "拍成了处方"}))[0] == 404
    assert desk.patient.name in await desk.due()
    assert desk.kinds()[-1] == "paper.removed"


async def test_a_consent_is_overdue_once_its_days_are_over_and_asked_for_once(desk: Desk) -> None:
    await desk.sign_on_paper()
    await desk.sign_on_paper()  # signed anew: the earlier form is asked for no more
    assert (await desk.due()).count(desk.patient.name) == 1
    assert "逾期" not in await desk.due()

    def make_late(work: Work) -> None:
        late = work.now.date() - timedelta(days=2)
        of_patient = AwaitedPaperRow.patient_id == desk.patient.id
        work.session.execute(update(AwaitedPaperRow).where(of_patient).values(due_on=late))

    desk.house.clinic.system(make_late)
    page = await desk.due()
    assert "逾期" in page[page.index(desk.patient.name) :]
    assert "已逾期" in (await desk.computer.page(f"/cases/{desk.case.id}"))[1]


async def test_the_code_of_another_institutions_case_is_nobodys_to_make(desk: Desk) -> None:
    async with Sender(desk.house.house.base) as stranger:
        await stranger.arrive("sun")
        assert (await stranger.send(f"{desk.url}/link"))[0] == 404
        assert (await stranger.send(desk.url, data=photograph(), headers=JPEG))[0] == 404
        assert desk.patient.name not in (await stranger.page("/papers"))[1]


def test_a_link_is_good_between_its_making_and_its_end(house: ImageHouse) -> None:
    now = house.clinic.now
    link = PaperLink("a", "b", "c", "d", now, now + timedelta(minutes=10), None, None, 0)  # type: ignore[arg-type] # ids are words here
    assert link.is_live(now=now)
    assert not link.is_live(now=now + timedelta(minutes=10))
    assert not link.is_live(now=now - timedelta(seconds=1))
