"""Mutual recognition at the door (IMG-12): shown, used, repeated with a reason, and counted."""

import csv
import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from consult.cases.model import Case
from consult.kernel.work import Role
from consult.people.organisations import agreements
from consult.people.patients.model import Patient
from server.settings import Settings
from server.stores import make_store
from tests.makers.cases import (
    SCREENING_ANSWERS,
    citizen_number,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    submit,
)
from tests.makers.consortium import Consortium, agreed_terms
from tests.makers.exams import SCREENING
from tests.makers.tiny_images import Darkroom
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side, add_person, let_in

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
NEIGHBOUR = "备用卫生院"


@dataclass
class Place:
    """The house with a second centre, whose exams are ten days old."""

    house: WorldHouse
    far: Consortium
    sequence: int = 500

    @property
    def near(self) -> Consortium:
        """The centre, now."""
        return self.house.world.consortium

    def patients(self) -> tuple[Patient, Patient]:
        """One person on the books of both."""
        self.sequence += 2
        number = citizen_number(self.sequence)
        there = make_patient(self.far, name="东方翠羽", document_number=number)
        return there, make_patient(self.near, name="东方翠羽", document_number=number)

    def exam(self, patient: Patient) -> Case:
        """Four photographs at the neighbour's."""
        settings = Settings(data_dir=self.house.house.data_dir)
        give_consent(self.far, patient)
        draft = make_draft(self.far, patient, service_type=SCREENING)
        Darkroom(self.far, make_store(settings)).add(draft, patient)
        return submit(self.far, fill_in(self.far, draft, SCREENING_ANSWERS))

    def ask(self, patient: Patient, *, pictures: bool = False) -> Case:
        """A screening at the centre, filled in."""
        draft = make_draft(self.near, patient, service_type=SCREENING)
        if pictures:
            settings = Settings(data_dir=self.house.house.data_dir)
            Darkroom(self.near, make_store(settings)).add(draft, patient)
        return fill_in(self.near, draft, SCREENING_ANSWERS)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A house of this module's own, since it gets another centre."""
    with open_world(tmp_path_factory.mktemp("exams")) as house:
        world, near = house.world, house.world.consortium
        there = world.things["institution"]
        person = add_person(
            near.clinic,
            there,
            side=Side.HOME,
            role=Role.REQUESTING_PHYSICIAN,
            login="far.physician",
        )
        actor = let_in(near.clinic, person).actor
        agreement = near.clinic.system(
            agreements.add_agreement,
            consortium_id=near.id,
            inviting_id=there,
            invited_id=near.lead_id,
            terms=agreed_terms(near.clinic, frozenset({SCREENING})),
        )
        far = replace(
            near,
            clinic=near.clinic.at(near.clinic.now - timedelta(days=10)),
            centre_id=there,
            agreement_id=agreement.id,
            physician=actor,
            photographer=actor,
        )
        yield Place(house, far)


@pytest.fixture
async def physician(place: Place) -> AsyncIterator[Visitor]:
    person = place.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with place.house.visitor(person, language="en") as visitor:
        yield visitor


@pytest.fixture
async def expert(place: Place) -> AsyncIterator[Visitor]:
    person = place.house.world.person(Side.LEAD, Role.EXPERT)
    async with place.house.visitor(person) as visitor:
        yield visitor


async def exams_of(visitor: Visitor, case: Case) -> list[dict[str, Any]]:
    status, answer = await visitor.get(f"/api/cases/{case.id}/exams")
    assert status == 200, answer
    return list(answer["exams"])


async def page_of(visitor: Visitor, case: Case) -> str:
    status, page = await visitor.page(f"/cases/{case.id}")
    assert status == 200
    return page


def whole(case: Case) -> dict[str, Any]:
    """What the page sends with a submission."""
    return {"version": case.revision, "answers": SCREENING_ANSWERS}


async def test_an_exam_of_ten_days_ago_is_shown_once_the_patient_has_agreed(
    place: Place, physician: Visitor
) -> None:
    there, here = place.patients()
    place.exam(there)
    case = place.ask(here)
    assert await exams_of(physician, case) == []
    page = await page_of(physician, case)
    assert "Earlier exams" not in page
    assert NEIGHBOUR not in page
    give_consent(place.near, here)
    (exam,) = await exams_of(physician, case)
    assert (exam["kind_text"], exam["place"]) == ("Fundus photographs", NEIGHBOUR)
    assert (exam["is_open"], exam["thumbnails"], exam["is_used"]) == (False, [], False)
    page = await page_of(physician, case)
    assert all(word in page for word in ("Earlier exams", NEIGHBOUR, "Use this exam"))


async def test_an_exam_that_is_used_is_sent_with_the_case_and_read(
    place: Place, physician: Visitor, expert: Visitor
) -> None:
    there, here = place.patients()
    place.exam(there)
    give_consent(place.near, here)
    case = place.ask(here)
    (exam,) = await exams_of(physician, case)
    use = f"/api/cases/{case.id}/exams/use"
    status, after = await physician.send(use, {"exam_id": exam["id"]})
    assert (status, len(after["exams"][0]["thumbnails"])) == (200, 4)
    assert (await physician.picture(after["exams"][0]["thumbnails"][0]))[0] == 200
    again, problem = await physician.send(use, {"exam_id": exam["id"]})
    assert (again, problem["code"]) == (409, "exam-in-use")
    assert "Earlier exam, recognised" in await page_of(physician, case)
    status, sent = await physician.send(f"/api/cases/{case.id}/submit", whole(case))
    assert status == 200, sent
    assert NEIGHBOUR in await page_of(physician, case)
    _status, room = await expert.page(f"/cases/{case.id}/reading")
    assert room.count(f"，{NEIGHBOUR}") >= 4


async def test_repeating_it_without_a_reason_is_refused_with_one_sentence(
    place: Place, physician: Visitor
) -> None:
    there, here = place.patients()
    place.exam(there)
    give_consent(place.near, here)
    case = place.ask(here, pictures=True)
    status, refused = await physician.send(f"/api/cases/{case.id}/submit", whole(case))
    assert status == 422
    (error,) = refused["errors"]
    assert error["code"] == "repeat-needs-reason"
    assert error["sentence"].startswith("Fundus photographs: a valid earlier exam")
    assert error["sentence"] in await page_of(physician, case)
    url = f"/api/cases/{case.id}/exams/repeat"
    status, refused = await physician.send(url, {"kind": "fundus_photograph"})
    assert (status, refused["errors"][0]["code"]) == (422, "repeat-needs-reason")
    assert (await physician.send(url, {"kind": "ct", "reason": "follow_up"}))[0] == 409


async def test_the_reasons_are_counted_by_place_on_the_page_and_in_the_file(
    place: Place, physician: Visitor
) -> None:
    there, here = place.patients()
    place.exam(there)
    give_consent(place.near, here)
    case = place.ask(here, pictures=True)
    told = {"kind": "fundus_photograph", "reason": "other", "note": "设备校准后复拍"}
    assert (await physician.send(f"/api/cases/{case.id}/exams/repeat", told))[0] == 200
    assert (await physician.send(f"/api/cases/{case.id}/submit", whole(case)))[0] == 200
    assert told["note"] in await page_of(physician, case)
    manager = place.house.world.person(Side.HOME, Role.MANAGER)
    async with place.house.visitor(manager) as counting:
        _status, answer = await counting.get("/api/oversight/statistics")
        counts = {row["key"]: row["counts"] for row in answer["rows"]}[place.near.centre_id]
        assert (counts["repeated"], counts["repeated.other"]) == (1, 1)
        _status, page = await counting.page("/oversight/statistics")
        assert "已有有效检查仍重复检查的次数，按理由" in page
        async with counting.raw.get("/oversight/statistics.csv") as answer:
            lines = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    column = lines[0].index("重复检查: 其他")
    assert lines[-1][column] == "1"


async def test_neither_side_learns_more_than_it_needs(place: Place, physician: Visitor) -> None:
    there, here = place.patients()
    earlier = place.exam(there)
    give_consent(place.near, here)
    case = place.ask(here)
    (exam,) = await exams_of(physician, case)
    for path in (f"/cases/{earlier.id}", f"/patients/{there.id}"):
        assert (await physician.page(path))[0] == 404
    status, answer = await physician.get(f"/api/cases/{case.id}/exams")
    told = str(answer)
    for secret in (earlier.id, earlier.number, there.id, there.local_number, there.name):
        assert secret not in told
    photographer = place.house.world.person(Side.HOME, Role.PHOTOGRAPHER)
    away = place.house.world.person(Side.AWAY, Role.REQUESTING_PHYSICIAN)
    use = f"/api/cases/{case.id}/exams/use"
    async with place.house.visitor(away) as foreign:
        assert (await foreign.send(use, {"exam_id": exam["id"]}))[0] == 404
        assert (await foreign.get(f"/api/cases/{case.id}/exams"))[0] == 404
    async with place.house.visitor(photographer) as preparing:
        assert (await preparing.send(use, {"exam_id": "0" * 32}))[0] == 409
        assert (await preparing.send(use, {"exam_id": exam["id"]}))[0] == 200
    status, answer = await physician.send(
        f"/api/cases/{case.id}/exams/give-up", {"exam_id": exam["id"]}
    )
    assert (status, answer["exams"][0]["is_open"]) == (200, False)
