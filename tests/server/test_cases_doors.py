"""Patients, consent and cases through the door: the way a clinic goes, and what it is refused."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from consult.cases.model import Case
from consult.people.patients.model import Patient
from tests.makers.cases import (
    CONSULTATION_ANSWERS,
    citizen_number,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    submit,
)
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]

NOBODY = "0" * 32


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A running server with a small consortium."""
    with open_image_house(tmp_path_factory.mktemp("doors") / "house") as opened:
        yield opened


@pytest.fixture
async def doctor(house: ImageHouse) -> AsyncIterator[Visitor]:
    """The requesting physician's browser, in Chinese."""
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in("chen", PASSWORD)
        yield visitor


@dataclass
class Numbers:
    """A fresh identity number each time."""

    sequence: int = 1
    used: list[str] = field(default_factory=list)

    def next(self) -> str:
        """The next number of a woman born in 1962."""
        self.sequence += 1
        self.used.append(citizen_number(self.sequence, area="330102"))
        return self.used[-1]


@pytest.fixture(scope="module")
def numbers() -> Numbers:
    """Numbers of this module."""
    return Numbers()


def _body(numbers: Numbers, **changes: Any) -> dict[str, Any]:
    told = {
        "document_kind": "resident_id",
        "document_number": numbers.next(),
        "name": "张桂英",
        "phone": "13905786127",
    }
    return {**told, **changes}


def _consent(**changes: Any) -> dict[str, Any]:
    told = {
        "items": ["telemedicine", "data_sharing"],
        "scope": "single",
        "signer": "self",
        "method": "paper",
        "signed_on": "2026-01-05",
        "cost_yuan": "0",
    }
    return {**told, **changes}


def _patient(house: ImageHouse, numbers: Numbers) -> Patient:
    return make_patient(house.world, document_number=numbers.next())


def _draft(house: ImageHouse, numbers: Numbers) -> Case:
    return make_draft(house.world, _patient(house, numbers))


def _submitted(house: ImageHouse, numbers: Numbers) -> Case:
    patient = _patient(house, numbers)
    today = house.clinic.now.date()
    give_consent(house.world, patient, signed_on=today, valid_until_on=today)
    return submit(house.world, fill_in(house.world, make_draft(house.world, patient)))


def _fields(answer: dict[str, Any]) -> set[str]:
    return {error["field"] for error in answer["errors"]}


async def test_a_clinic_registers_asks_submits_and_takes_back(
    doctor: Visitor, house: ImageHouse, numbers: Numbers
) -> None:
    status, made = await doctor.send("/api/patients", _body(numbers))
    assert status == 200, made
    patient_id = made["id"]
    opened = {
        "patient_id": patient_id,
        "service_type": "remote_consultation",
        "panel_id": house.world.panel_id,
    }
    status, case = await doctor.send("/api/cases", opened)
    assert status == 200, case
    case_id, path = case["id"], f"/api/cases/{case['id']}"
    status, refused = await doctor.send(f"{path}/submit", {"version": 1, "answers": {}})
    assert status == 422
    assert {"consent", "answers.reason", "answers.timing"} <= _fields(refused)
    today = house.clinic.now.date().isoformat()
    status, consent = await doctor.send(
        f"/api/patients/{patient_id}/consents", _consent(case_id=case_id, signed_on=today)
    )
    assert (status, consent["text_version"]) == (200, "2026.1")
    answers = {
        **CONSULTATION_ANSWERS,
        "va_right": {"value": "4.7", "notation": None},
        "va_left": {"notation": "HM"},
    }
    status, saved = await doctor.send(
        f"{path}/answers",
        {"version": 1, "answers": answers, "not_known": {"hba1c": "not_measured"}},
    )
    assert (status, saved["version"]) == (200, 2)
    assert saved["answers"]["va_right"] == {"notation": "five_mark", "value": "4.7"}
    assert saved["answers"]["va_left"] == {"notation": "low_vision", "value": "HM"}
    assert saved["answers"]["hba1c"] == "not_measured"
    status, sent = await doctor.send(
        f"{path}/submit",
        {"version": 2, "answers": answers, "not_known": {"hba1c": "not_measured"}},
    )
    assert status == 200, sent
    assert (sent["status"], sent["accountable"]) == ("assigned", "panel_leader")
    await _take_back(doctor, path, version=sent["version"])


async def _take_back(doctor: Visitor, path: str, *, version: int) -> None:
    _status, told = await doctor.get(f"{path}/timeline")
    kinds = [event["kind"] for event in told["events"]]
    assert kinds[:2] == ["case.assigned", "case.submitted"]
    body = {"version": version, "reason": "重复提交"}
    status, ended = await doctor.send(f"{path}/withdraw", body)
    assert (status, ended["status"]) == (200, "withdrawn")


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
async def test_every_page_of_the_clinic_opens(
    house: ImageHouse, numbers: Numbers, language: str
) -> None:
    draft, running = _draft(house, numbers), _submitted(house, numbers)
    async with Visitor(house.house.base, language=language) as visitor:
        await visitor.sign_in("chen", PASSWORD)
        for path in (
            *("/patients", "/patients/new", f"/patients/{draft.patient_id}"),
            *(f"/patients/{draft.patient_id}/edit", f"/cases/new?patient={draft.patient_id}"),
            *("/cases", "/cases?view=running", "/cases?view=arrived", "/cases?view=done"),
            *(f"/cases/{draft.id}", f"/cases/{running.id}"),
        ):
            status, page = await visitor.page(path)
            assert status == 200, path
            assert f'lang="{language}"' in page
            assert "张桂英" in page or path in {"/patients/new", *_EMPTY}, path
            word = "Submit" if language == "en" else "提交"
            assert word in page or f"/cases/{draft.id}" != path


_EMPTY = {"/cases?view=arrived", "/cases?view=done", "/cases"}


async def test_the_invited_expert_reads_the_case_and_has_no_button_to_change_it(
    house: ImageHouse, numbers: Numbers
) -> None:
    case = _submitted(house, numbers)
    async with Visitor(house.house.base) as expert:
        await expert.sign_in("li", PASSWORD)
        status, page = await expert.page(f"/cases/{case.id}")
        assert status == 200
        assert CONSULTATION_ANSWERS["purpose"] in page
        assert f"/api/cases/{case.id}/withdraw" not in page


async def test_names_with_markup_in_a_question_are_shown_as_text(
    doctor: Visitor, house: ImageHouse, numbers: Numbers
) -> None:
    draft = _draft(house, numbers)
    told = {"version": 1, "answers": {"summary": "<img src=x onerror=alert(1)>"}}
    status, _answer = await doctor.send(f"/api/cases/{draft.id}/answers", told)
    assert status == 200
    _status, page = await doctor.page(f"/cases/{draft.id}")
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


async def test_a_duplicate_is_named_by_its_record_number(doctor: Visitor, numbers: Numbers) -> None:
    body = _body(numbers)
    _status, first = await doctor.send("/api/patients", body)
    status, refused = await doctor.send("/api/patients", body)
    assert (status, refused["code"]) == (409, "patient-already-registered")
    assert first["local_number"] in refused["detail"]
    assert "张桂英" not in refused["detail"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"document_kind": "library_card"}, "document_kind"),
        ({"document_kind": 7}, "document_kind"),
        ({"document_kind": None}, "document_kind"),
        ({"document_number": ["1"]}, "document_number"),
        ({"document_number": "1" * 5000}, "document_number"),
        ({"document_number": "330102196203140021"}, "document_number"),
        ({"name": {"family": "张"}}, "name"),
        ({"name": "张\u202e英"}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": "a^b=c"}, "name"),
        ({"sex": "X"}, "sex"),
        ({"birth_on": 0}, "birth_on"),
        ({"birth_on": "1962-02-30"}, "birth_on"),
        ({"birth_on": "0001-01-01"}, "birth_on"),
        ({"phone": "<script>"}, "phone"),
        ({"phone": 13905786127}, "phone"),
        ({"phone_relation": "boss"}, "phone_relation"),
        ({"address": "x" * 201}, "address"),
        ({"guardian_relation": "self", "guardian_name": "甲"}, "guardian_relation"),
        ({"institution_id": NOBODY}, "institution_id"),
        ({"id": NOBODY}, "id"),
    ],
)
async def test_a_registration_that_cannot_be_names_its_field(
    doctor: Visitor, numbers: Numbers, changes: dict[str, Any], named: str
) -> None:
    body = _body(numbers, **changes)
    status, refused = await doctor.send("/api/patients", body)
    assert status == 422, refused
    assert named in _fields(refused)
    assert all(error["sentence"] for error in refused["errors"])
    _status, found = await doctor.send("/api/patients/search", {"q": numbers.used[-1]})
    assert found["patients"] == []


async def test_bodies_that_are_no_form_are_refused_with_a_sentence(doctor: Visitor) -> None:
    for data, kind in (
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b'"text"', "application/json"),
        ("张桂英".encode("gb18030"), "application/json"),
        (b'{"name": "\xff"}', "application/json"),
        (b"[" * 3000, "application/json"),
        (b"name=x", "application/x-www-form-urlencoded"),
        (b'{"name": "' + b"x" * 300_000 + b'"}', "application/json"),
    ):
        headers = {"Content-Type": kind}
        status, refused = await doctor.send("/api/patients", data=data, headers=headers)
        assert status in {413, 422}, data[:20]
        assert refused["detail"]
        assert "Traceback" not in str(refused)


async def test_nonsense_in_addresses_is_refused_or_not_there(doctor: Visitor) -> None:
    for path, expected in (
        ("/api/patients/not-an-id", 404),
        (f"/api/patients/{NOBODY}", 404),
        (f"/api/patients/{'A' * 32}", 404),
        ("/api/cases/%00", 404),
        (f"/api/cases/{NOBODY}", 404),
        (f"/api/cases/{NOBODY}/timeline", 404),
        ("/api/cases?view=everything", 422),
        ("/api/cases?view=drafts&before=x", 422),
        ("/cases/new", 422),
        ("/cases/new?patient=x", 422),
        (f"/cases/new?patient={NOBODY}", 404),
    ):
        status, _answer = await doctor.get(path, headers={"Accept": "application/json"})
        assert status == expected, path


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"version": "1"}, "version"),
        ({"version": True}, "version"),
        ({"version": 0}, "version"),
        ({"version": 2**40}, "version"),
        ({"version": None}, "version"),
        ({"answers": []}, "answers"),
        ({"answers": {"summary": "长" * 4001}}, "answers.summary"),
        ({"answers": {"nonsense": "x"}}, "answers.nonsense"),
        ({"answers": {"va_right": {"value": "3.0"}}}, "answers.va_right.value"),
        ({"answers": {"va_right": {"value": "七"}}}, "answers.va_right.value"),
        ({"answers": {"va_right": {"value": "NaN"}}}, "answers.va_right.value"),
        ({"answers": {"va_right": {"value": "5.0", "side": "x"}}}, "answers.va_right.value"),
        ({"answers": {"hba1c": 1e300}}, "answers.hba1c"),
        ({"answers": {"red_flags": ["none", "none", "x"]}}, "answers.red_flags"),
        ({"question": 5}, "question"),
        ({"status": "assigned"}, "status"),
        ({"owner_id": NOBODY}, "owner_id"),
    ],
)
async def test_answers_that_cannot_be_name_their_field_and_change_nothing(
    doctor: Visitor, house: ImageHouse, numbers: Numbers, changes: dict[str, Any], named: str
) -> None:
    draft = _draft(house, numbers)
    body = {"version": 1, "answers": {}, **changes}
    status, refused = await doctor.send(f"/api/cases/{draft.id}/answers", body)
    assert status == 422, refused
    assert named in _fields(refused)
    _status, kept = await doctor.get(f"/api/cases/{draft.id}")
    assert (kept["version"], kept["answers"]) == (1, {})


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"items": ["everything"]}, "items.0"),
        ({"items": "telemedicine"}, "items"),
        ({"items": []}, "items"),
        ({"scope": "for ever"}, "scope"),
        ({"signer": None}, "signer"),
        ({"signer": "agent"}, "power_of_attorney"),
        ({"method": "fingerprint"}, "witness_name"),
        ({"cost_yuan": "-1"}, "cost_yuan"),
        ({"cost_yuan": "free"}, "cost_yuan"),
        ({"cost_yuan": 5}, "cost_yuan"),
        ({"cost_yuan": None}, "cost_yuan"),
        ({"signed_on": "2999-01-01"}, "signed_on"),
        ({"signed_on": 1767571200}, "signed_on"),
        ({"scope": "programme"}, "valid_until_on"),
        ({"case_id": "x"}, "case_id"),
        ({"withdrawn_at": "2026-01-05"}, "withdrawn_at"),
    ],
)
async def test_a_consent_that_cannot_be_names_its_field(
    doctor: Visitor, house: ImageHouse, numbers: Numbers, changes: dict[str, Any], named: str
) -> None:
    draft = _draft(house, numbers)
    path = f"/api/patients/{draft.patient_id}/consents"
    status, refused = await doctor.send(path, _consent(**{"case_id": draft.id, **changes}))
    assert status == 422, refused
    assert named in _fields(refused)
    _status, kept = await doctor.get(path)
    assert kept["consents"] == []


async def test_a_stale_page_and_a_replayed_step_are_told_so(
    doctor: Visitor, house: ImageHouse, numbers: Numbers
) -> None:
    draft = _draft(house, numbers)
    path = f"/api/cases/{draft.id}"
    first = {"version": 1, "answers": {"summary": "甲"}}
    assert (await doctor.send(f"{path}/answers", first))[0] == 200
    status, refused = await doctor.send(
        f"{path}/answers", {"version": 1, "answers": {"summary": "乙"}}
    )
    assert (status, refused["code"]) == (409, "case-changed")
    for step, body in (
        ("priority", {"priority": "urgent", "reason": "x"}),
        ("cancel", {"reason": "x"}),
        ("service", {"service_type": "screening_read", "panel_id": house.world.panel_id}),
        ("submit", {"answers": {}}),
    ):
        status, refused = await doctor.send(f"{path}/{step}", {"version": 1, **body})
        assert (status, refused["code"]) == (409, "case-changed"), step
    cancel = {"version": 2, "reason": "患者已离开"}
    assert (await doctor.send(f"{path}/cancel", cancel))[0] == 200
    status, refused = await doctor.send(f"{path}/cancel", cancel)
    assert (status, refused["code"]) == (409, "case-not-draft")


async def test_another_institutions_objects_answer_as_if_they_were_not_there(
    house: ImageHouse, numbers: Numbers
) -> None:
    case = _submitted(house, numbers)
    mine = _draft(house, numbers)
    async with Visitor(house.house.base) as stranger:
        await stranger.sign_in("sun", PASSWORD)
        steps = {
            f"/api/patients/{case.patient_id}": {"version": 1, "document_kind": "none"},
            f"/api/patients/{case.patient_id}/identity": {"version": 1, "document_kind": "none"},
            f"/api/patients/{case.patient_id}/consents": _consent(),
            f"/api/cases/{case.id}/answers": {"version": 1},
            f"/api/cases/{case.id}/submit": {"version": 1},
            f"/api/cases/{case.id}/priority": {"version": 1, "priority": "urgent"},
            f"/api/cases/{case.id}/cancel": {"version": 1, "reason": "x"},
            f"/api/cases/{case.id}/withdraw": {"version": 1, "reason": "x"},
            "/api/cases": {
                "patient_id": mine.patient_id,
                "service_type": "screening_read",
                "panel_id": house.world.panel_id,
            },
        }
        for path, body in steps.items():
            status, refused = await stranger.send(path, body)
            assert (status, refused["code"]) == (404, "not-found"), path
        for path in (
            f"/api/patients/{case.patient_id}",
            f"/api/patients/{case.patient_id}/consents",
            f"/api/cases/{case.id}",
            f"/api/cases/{case.id}/timeline",
        ):
            status, refused = await stranger.get(path)
            assert (status, refused["code"]) == (404, "not-found"), path
        _status, found = await stranger.send("/api/patients/search", {"q": numbers.used[-1]})
        assert found["patients"] == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh-Hans", "由申请医师审核后提交"), ("en", "a requesting physician reviews and submits")],
)
async def test_a_photographers_submission_is_refused_with_the_reason(
    house: ImageHouse, numbers: Numbers, language: str, sentence: str
) -> None:
    draft = _draft(house, numbers)
    async with Visitor(house.house.base, language=language) as photographer:
        await photographer.sign_in("wu", PASSWORD)
        status, page = await photographer.page(f"/cases/{draft.id}")
        assert status == 200
        assert 'form="case-form"' not in page
        saved = {"version": 1, "answers": {"summary": "甲"}}
        assert (await photographer.send(f"/api/cases/{draft.id}/answers", saved))[0] == 200
        status, refused = await photographer.send(
            f"/api/cases/{draft.id}/submit", {"version": 2, "answers": {}}
        )
        assert status == 403
        assert sentence in refused["detail"]
