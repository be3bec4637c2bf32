"""Submitting before the upload is whole: the case goes by itself, with nobody's page open (U11)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.people.patients import service as patients
from tests.makers.cases import SCREENING_ANSWERS, fill_in, give_consent, make_draft
from tests.makers.image_house import PASSWORD, ImageHouse, Sender, open_image_house, until
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
NAMES = ("OD_macula.jpg", "OD_disc.jpg", "OS_macula.jpg", "OS_disc.jpg")
KEY = "a" * 32


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("advance") / "house") as opened:
        yield opened


@pytest.fixture(scope="module")
def fundus(real_files: Path) -> list[bytes]:
    """Macula and disc of either eye, as their names say."""
    names = [f"HRF_{number}_h_downscaled.jpg" for number in ("01", "07", "02", "10")]
    return [(real_files / "image" / "fundus" / name).read_bytes() for name in names]


def ready_but_for_pictures(house: ImageHouse) -> Case:
    """A screening draft with consent and history."""
    patient = house.patient()
    give_consent(house.world, patient)
    draft = make_draft(house.world, patient, service_type=ServiceType.SCREENING_READ)
    return fill_in(house.world, draft, dict(SCREENING_ANSWERS))


def standing(house: ImageHouse, case: Case) -> Case:
    """The case as it stands now."""
    return house.clinic.do(house.world.physician, cases.get_own_case, case_id=case.id)


def kinds(house: ImageHouse, case: Case) -> list[str]:
    """What the journal says of the case, the oldest first."""
    told = [line.kind for line in house.clinic.lines() if line.case_id == case.id]
    return [kind for kind in told if kind != "case.opened"]


async def ask(physician: Visitor, case: Case) -> tuple[int, dict[str, Any]]:
    """Press the button while the files are on their way."""
    body = {"version": case.revision, "answers": {}, "not_known": {}}
    answers = {
        "diabetes": "yes",
        "red_flags": ["none"],
        "va_right": SCREENING_ANSWERS["va_right"],
        "va_left": SCREENING_ANSWERS["va_left"],
    }
    url = f"/api/cases/{case.id}/submit-when-whole"
    return await physician.send(url, {**body, "answers": answers})


async def send_all(sender: Sender, case: Case, fundus: list[bytes]) -> None:
    """The photographs arrive, and somebody confirms their eyes."""
    for name, data in zip(NAMES, fundus, strict=True):
        done = await sender.upload(case.id, data + case.id.encode(), name)
        assert done["status"] == "done", done
    shown = await sender.images(case.id)
    url = f"/api/cases/{case.id}/images/confirm"
    status, answer = await sender.send(url, {"images": shown["to_confirm"]})
    assert status == 200, answer


async def test_the_case_goes_when_its_last_file_is_there_and_the_physician_has_gone(
    house: ImageHouse, fundus: list[bytes]
) -> None:
    case = ready_but_for_pictures(house)
    last = fundus[3] + case.id.encode() + b"4"
    async with Sender(house.house.base) as nurse, Visitor(house.house.base) as physician:
        await nurse.arrive("wu")
        await physician.sign_in("chen", PASSWORD)
        begun = await nurse.create(case.id, len(last), "OS_disc_2.jpg", key=KEY)
        again = await nurse.create(case.id, len(last), "OS_disc_2.jpg", key=KEY)
        assert begun.headers["Location"] == again.headers["Location"]  # one upload, asked twice
        _, page = await physician.page(f"/cases/{case.id}")
        assert f'data-url="/api/cases/{case.id}/submit-when-whole"' in page
        status, answer = await ask(physician, case)
        assert (status, answer["location"]) == (200, f"/cases/{case.id}")
        await physician.send("/api/sign-out", {})
        await send_all(nurse, case, fundus)
        assert standing(house, case).status is CaseStatus.DRAFT  # one file is still to come
        assert await nurse.patch(begun.headers["Location"], 0, last) == 204
        await nurse.result(begun.headers["Location"])
        shown = await nurse.images(case.id)
        await nurse.send(f"/api/cases/{case.id}/images/confirm", {"images": shown["to_confirm"]})
        await until(lambda: standing(house, case).status is CaseStatus.ASSIGNED)
    line = next(
        each
        for each in house.clinic.lines()
        if each.case_id == case.id and each.kind == "case.submitted"
    )
    assert line.practitioner_id == house.world.physician.person


async def test_a_changed_answer_ends_it_and_what_no_file_brings_refuses_it(
    house: ImageHouse, fundus: list[bytes]
) -> None:
    case = ready_but_for_pictures(house)
    async with Sender(house.house.base) as nurse, Visitor(house.house.base) as physician:
        await nurse.arrive("wu")
        await physician.sign_in("chen", PASSWORD)
        status, answer = await ask(physician, case)
        assert (status, answer["code"]) == (422, "form-refused")  # nothing is on its way
        url = f"/api/cases/{case.id}/submit-when-whole"
        assert (await nurse.send(url, {"version": case.revision}))[0] == 403  # a photographer
        begun = await nurse.create(case.id, 10, "OS.jpg")
        empty = {"version": case.revision, "answers": {"diabetes": "yes"}}
        assert (await physician.send(url, empty))[0] == 422  # red flags are not asked
        assert (await ask(physician, case))[0] == 200
        changed = fill_in(
            house.world, standing(house, case), {**SCREENING_ANSWERS, "diabetes": "no"}
        )
        assert await nurse.patch(begun.headers["Location"], 0, b"no picture") == 204
        await nurse.result(begun.headers["Location"])
        await until(lambda: kinds(house, case)[-1] == "case.submission_dropped")
        await send_all(nurse, case, fundus)
        assert standing(house, case).revision == changed.revision


async def test_it_can_be_called_off(house: ImageHouse) -> None:
    case = ready_but_for_pictures(house)
    async with Sender(house.house.base) as nurse, Visitor(house.house.base) as physician:
        await nurse.arrive("wu")
        await physician.sign_in("chen", PASSWORD)
        await nurse.create(case.id, 10, "OS.jpg")
        assert (await ask(physician, case))[0] == 200
        url = f"/api/cases/{case.id}/submit-when-whole/call-off"
        assert url in (await physician.page(f"/cases/{case.id}"))[1]
        assert (await nurse.send(url, {}))[0] == 200
        assert (await nurse.send(url, {}))[0] == 200  # pressed twice, it is called off once
        assert kinds(house, case)[-2:] == ["case.submission_asked", "case.submission_dropped"]


async def test_a_file_that_is_refused_ends_it_and_the_desk_says_what_is_missing(
    house: ImageHouse, fundus: list[bytes]
) -> None:
    case = ready_but_for_pictures(house)
    async with Sender(house.house.base, language="en") as nurse, Visitor(house.house.base) as chen:
        await nurse.arrive("wu")
        await chen.sign_in("chen", PASSWORD)
        patient = house.clinic.do(
            house.world.physician, patients.get_patient, patient_id=case.patient_id
        )
        await nurse.send("/api/screening/scan", {"q": patient.local_number})
        told = {"panel_id": house.world.panel_id}
        await nurse.send(f"/api/screening/{patient.id}/case", told)
        last = await nurse.create(case.id, 10, NAMES[3])
        assert (await ask(chen, case))[0] == 200
        for name, data in zip(NAMES[:3], fundus, strict=False):
            await nurse.upload(case.id, data + case.id.encode(), name)
        assert "Submits itself" in (await nurse.page("/screening"))[1]
        assert kinds(house, case)[-1] != "case.submission_dropped"
        assert await nurse.patch(last.headers["Location"], 0, b"no picture") == 204
        assert (await nurse.result(last.headers["Location"]))["status"] == "refused"
        await until(lambda: kinds(house, case)[-1] == "case.submission_dropped")
        assert "Submits itself" not in (await nurse.page("/screening"))[1]
    line = next(
        each
        for each in house.clinic.lines()
        if each.kind == "case.submission_dropped" and each.case_id == case.id
    )
    assert (line.codes["why"], line.practitioner_id) == ("files-missing", None)
    assert standing(house, case).status is CaseStatus.DRAFT
