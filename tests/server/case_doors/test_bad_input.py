"""Nonsense in a registration, a consent or a draft: the field is named, nothing is lost."""

from typing import Any

import pytest

from consult.cases.model import ServiceType
from tests.makers.case_doors import (
    NOBODY,
    Numbers,
    consent_body,
    fields_of,
    new_draft,
    new_patient,
    registration,
)
from tests.makers.cases import (
    make_draft,
)
from tests.makers.image_house import ImageHouse
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


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
    body = registration(numbers, **changes)
    status, refused = await doctor.send("/api/patients", body)
    assert status == 422, refused
    assert named in fields_of(refused)
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
    draft = new_draft(house, numbers)
    body = {"version": 1, "answers": {}, **changes}
    status, refused = await doctor.send(f"/api/cases/{draft.id}/answers", body)
    assert status == 422, refused
    assert named in fields_of(refused)
    _status, kept = await doctor.get(f"/api/cases/{draft.id}")
    assert (kept["version"], kept["answers"]) == (1, {})


async def test_an_unreadable_answer_costs_nothing_else(
    doctor: Visitor, house: ImageHouse, numbers: Numbers
) -> None:
    draft = make_draft(
        house.world, new_patient(house, numbers), service_type=ServiceType.SCREENING_READ
    )
    path = f"/api/cases/{draft.id}/answers"
    first = {"va_right": {"value": "0.6"}, "diabetes": "yes"}
    _status, kept = await doctor.send(path, {"version": 1, "answers": first})
    told = {"va_right": {"value": "3.0"}, "va_left": {"value": "4.7"}, "nonsense": "x"}
    body = {"version": kept["version"], "answers": told | {"diabetes": "no"}}
    status, refused = await doctor.send(path, body)
    assert (status, refused["code"]) == (422, "partly-kept")
    assert fields_of(refused) == {"answers.va_right.value", "answers.nonsense"}
    assert refused["detail"] == "已保存，另有 2 项未能保存，需核对。"
    _status, case = await doctor.get(f"/api/cases/{draft.id}")
    assert case["version"] == refused["version"] == kept["version"] + 1
    assert case["answers"] == {
        "diabetes": "no",
        "va_left": {"notation": "five_mark", "value": "4.7"},
        "va_right": {"notation": "decimal", "value": "0.6"},
    }
    status, _refused = await doctor.send(path, body)
    assert status == 409
    body["version"] = refused["version"]
    status, refused = await doctor.send(f"/api/cases/{draft.id}/submit", body)
    assert (status, "answers.va_right.value" in fields_of(refused)) == (422, True)


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
    draft = new_draft(house, numbers)
    path = f"/api/patients/{draft.patient_id}/consents"
    status, refused = await doctor.send(path, consent_body(**{"case_id": draft.id, **changes}))
    assert status == 422, refused
    assert named in fields_of(refused)
    _status, kept = await doctor.get(path)
    assert kept["consents"] == []
