"""Patients, consent and cases through the door: the way a clinic goes, and who is refused."""

import pytest

from consult.cases.model import Case
from tests.makers.case_doors import (
    Numbers,
    consent_body,
    fields_of,
    new_draft,
    new_patient,
    registration,
)
from tests.makers.cases import (
    CONSULTATION_ANSWERS,
    fill_in,
    give_consent,
    make_draft,
    submit,
)
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


def _submitted(house: ImageHouse, numbers: Numbers) -> Case:
    patient = new_patient(house, numbers)
    give_consent(house.world, patient)
    return submit(house.world, fill_in(house.world, make_draft(house.world, patient)))


async def test_a_clinic_registers_asks_submits_and_takes_back(
    doctor: Visitor, house: ImageHouse, numbers: Numbers
) -> None:
    status, made = await doctor.send("/api/patients", registration(numbers))
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
    assert {"consent", "answers.reason", "answers.timing"} <= fields_of(refused)
    today = house.clinic.now.date().isoformat()
    status, consent = await doctor.send(
        f"/api/patients/{patient_id}/consents", consent_body(case_id=case_id, signed_on=today)
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
    draft, running = new_draft(house, numbers), _submitted(house, numbers)
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


async def test_what_happened_by_itself_is_a_whole_sentence_in_english(
    house: ImageHouse, numbers: Numbers
) -> None:
    case = _submitted(house, numbers)
    async with Visitor(house.house.base, language="en") as visitor:
        await visitor.sign_in("chen", PASSWORD)
        _status, page = await visitor.page(f"/cases/{case.id}")
    said = page.split('class="timeline"')[1].split("</ol>")[0]
    assert "<span>The case is before the panel</span>" in said
    assert "</b> submitted the case" in said


async def test_names_with_markup_in_a_question_are_shown_as_text(
    doctor: Visitor, house: ImageHouse, numbers: Numbers
) -> None:
    draft = new_draft(house, numbers)
    told = {"version": 1, "answers": {"summary": "<img src=x onerror=alert(1)>"}}
    status, _answer = await doctor.send(f"/api/cases/{draft.id}/answers", told)
    assert status == 200
    _status, page = await doctor.page(f"/cases/{draft.id}")
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


async def test_a_duplicate_is_named_by_its_record_number(doctor: Visitor, numbers: Numbers) -> None:
    body = registration(numbers)
    _status, first = await doctor.send("/api/patients", body)
    status, refused = await doctor.send("/api/patients", body)
    assert (status, refused["code"]) == (409, "patient-already-registered")
    assert first["local_number"] in refused["detail"]
    assert "张桂英" not in refused["detail"]


async def test_a_stale_page_and_a_replayed_step_are_told_so(
    doctor: Visitor, house: ImageHouse, numbers: Numbers
) -> None:
    draft = new_draft(house, numbers)
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
    mine = new_draft(house, numbers)
    async with Visitor(house.house.base) as stranger:
        await stranger.sign_in("sun", PASSWORD)
        steps = {
            f"/api/patients/{case.patient_id}": {"version": 1, "document_kind": "none"},
            f"/api/patients/{case.patient_id}/identity": {"version": 1, "document_kind": "none"},
            f"/api/patients/{case.patient_id}/consents": consent_body(),
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
    draft = new_draft(house, numbers)
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
