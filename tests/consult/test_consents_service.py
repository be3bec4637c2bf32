"""Consent: recorded as signed, holding for what it says, ending at once (U17)."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.cases import service as cases
from consult.cases.consent_rules import ConsentItem, ConsentScope, Signer, SigningMethod
from consult.cases.consents import service as consents
from consult.cases.consents.errors import ConsentAlreadyWithdrawnError
from consult.cases.consents.model import RecordedConsent
from consult.cases.model import CaseStatus
from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from tests.makers.cases import (
    citizen_number,
    consent_form,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    make_submitted,
    submit,
)
from tests.makers.consortium import Consortium, case_rules

TODAY = date(2026, 1, 5)


def _live(
    world: Consortium, patient_id: str, case_id: str | None, on: date
) -> RecordedConsent | None:
    told = {"patient_id": patient_id, "case_id": case_id, "on": on}
    return world.clinic.do(world.physician, consents.live_consent, **told)


def _withdraw(world: Consortium, consent_id: str, reason: str = "患者要求") -> RecordedConsent:
    return world.clinic.do(
        world.physician, consents.withdraw_consent, consent_id=consent_id, reason=reason
    )


def test_a_programme_holds_for_every_case_until_its_last_day(world: Consortium) -> None:
    patient = make_patient(world)
    consent_id = give_consent(world, patient)
    for case_id in (None, "0" * 32):
        found = _live(world, patient.id, case_id, TODAY)
        assert found is not None
        assert found.id == consent_id
    assert _live(world, patient.id, None, date(2026, 12, 31)) is not None
    assert _live(world, patient.id, None, date(2027, 1, 1)) is None
    assert _live(world, patient.id, None, date(2026, 1, 4)) is None


def test_a_single_consent_holds_for_its_case_alone(world: Consortium) -> None:
    patient = make_patient(world)
    draft = make_draft(world, patient)
    single = {"scope": ConsentScope.SINGLE, "valid_until_on": None}
    with pytest.raises(FormRefusedError) as refused:
        give_consent(world, patient, **single)
    assert [each.code for each in refused.value.problems] == ["single-consent-needs-case"]
    give_consent(world, patient, **single, case_id=draft.id)
    assert _live(world, patient.id, draft.id, TODAY) is not None
    assert _live(world, patient.id, None, TODAY) is None


@pytest.mark.parametrize("missing", [ConsentItem.TELEMEDICINE, ConsentItem.DATA_SHARING])
def test_a_missing_tick_is_recorded_and_stops_the_submission_by_name(
    world: Consortium, missing: ConsentItem
) -> None:
    patient = make_patient(world)
    ticks = frozenset({ConsentItem.TELEMEDICINE, ConsentItem.DATA_SHARING}) - {missing}
    give_consent(world, patient, items=ticks)
    draft = fill_in(world, make_draft(world, patient))
    with pytest.raises(FormRefusedError) as refused:
        submit(world, draft)
    assert [(each.field, each.code) for each in refused.value.problems] == [
        (f"consent.items.{missing}", "consent-item-required")
    ]


def test_without_consent_the_submission_says_so(world: Consortium) -> None:
    draft = fill_in(world, make_draft(world, make_patient(world)))
    with pytest.raises(FormRefusedError) as refused:
        submit(world, draft)
    assert [each.field for each in refused.value.problems] == ["consent"]


_INCOMPLETE: list[tuple[dict[str, Any], set[str]]] = [
    ({"items": frozenset()}, {"items"}),
    ({"scope": None}, {"scope"}),
    ({"signer": None}, {"signer"}),
    ({"method": None}, {"method"}),
    ({"cost_fen": None}, {"cost_fen"}),
    ({"cost_fen": -1}, {"cost_fen"}),
    ({"signed_on": None}, {"signed_on"}),
    ({"signed_on": TODAY + timedelta(days=1)}, {"signed_on"}),
    ({"valid_until_on": None}, {"valid_until_on"}),
    ({"valid_until_on": date(2027, 1, 6)}, {"valid_until_on"}),
    (
        {"signer": Signer.AGENT},
        {"relation", "signer_name", "signer_document", "power_of_attorney"},
    ),
    (
        {"signer": Signer.RELATIVE},
        {"relation", "signer_name", "signer_document", "adult_reason"},
    ),
    ({"method": SigningMethod.FINGERPRINT}, {"witness_name"}),
    ({"method": SigningMethod.FINGERPRINT, "witness_name": "见" * 201}, {"witness_name"}),
]


def test_what_is_missing_from_a_consent_is_named(world: Consortium) -> None:
    patient = make_patient(world)
    for changes, fields in _INCOMPLETE:
        with pytest.raises(FormRefusedError) as refused:
            give_consent(world, patient, **changes)
        assert {problem.field for problem in refused.value.problems} == fields
    assert "consent.recorded" not in world.clinic.kinds()


def test_a_minor_without_a_guardians_signature_is_refused(world: Consortium) -> None:
    child = make_patient(
        world,
        document_number=citizen_number(birth="20150601"),
        guardian_name="张建国",
        guardian_relation="parent",
        guardian_phone="13911112222",
    )
    with pytest.raises(FormRefusedError) as refused:
        give_consent(world, child)
    assert [each.code for each in refused.value.problems] == ["minor-needs-guardian"]
    signed = {"relation": "父亲", "signer_name": "张建国", "signer_document": citizen_number(1)}
    give_consent(world, child, signer=Signer.GUARDIAN, **signed)


def test_the_signers_document_is_sealed_and_comes_back(world: Consortium) -> None:
    patient = make_patient(world)
    number = citizen_number(9)
    told = {"signer": Signer.AGENT, "relation": "女儿", "signer_name": "李红"}
    give_consent(world, patient, **told, signer_document=number, power_of_attorney="委 12")
    (recorded,) = world.clinic.do(world.physician, consents.list_consents, patient_id=patient.id)
    assert recorded.consent.signer_document == number
    assert recorded.text_version == case_rules().consent.version
    rows = world.clinic.units.read(
        lambda session: session.execute(text("SELECT * FROM consents")).all()
    ).result(timeout=20)
    assert number not in str([tuple(row) for row in rows])


def test_a_withdrawn_consent_ends_the_sharing_at_once_and_keeps_the_record(
    world: Consortium,
) -> None:
    patient = make_patient(world)
    consent_id = give_consent(world, patient)
    case = submit(world, fill_in(world, make_draft(world, patient)))
    with pytest.raises(RefusedError) as refused:
        _withdraw(world, consent_id, "")
    assert refused.value.problems[0].field == "reason"
    after = _withdraw(world, consent_id)
    assert after.withdrawn_at == world.clinic.now
    for object_type, object_id in ((ObjectType.CASE, case.id), (ObjectType.PATIENT, patient.id)):
        ref = Ref(object_type, object_id)
        seen = world.clinic.do(
            world.expert,
            lambda work, ref=ref: policy.may_see(work.session, work.actor, ref, now=work.now),
        )
        assert not seen
    kept = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert kept.status is CaseStatus.WITHDRAWN
    assert _live(world, patient.id, case.id, TODAY) is None
    assert len(world.clinic.do(world.physician, consents.list_consents, patient_id=patient.id)) == 1
    with pytest.raises(ConsentAlreadyWithdrawnError):
        _withdraw(world, consent_id)


def test_an_answered_case_stays_open_when_the_consent_ends(world: Consortium) -> None:
    patient = make_patient(world)
    consent_id = give_consent(world, patient)
    case = submit(world, fill_in(world, make_draft(world, patient)))
    for to in (CaseStatus.ACCEPTED, CaseStatus.READING, CaseStatus.REPORTED):
        case = world.clinic.do(world.expert, cases.step, case=case, to=to, kind=f"case.{to}")
    _withdraw(world, consent_id)
    kept = world.clinic.do(world.physician, cases.get_case, case_id=case.id)
    assert (kept.status, kept.owner_id) == (CaseStatus.REPORTED, world.physician.person)


def test_another_consent_that_holds_keeps_the_case_running(world: Consortium) -> None:
    case = make_submitted(world)
    patient_id = case.patient_id
    first = world.clinic.do(world.physician, consents.list_consents, patient_id=patient_id)[0]
    world.clinic.do(
        world.physician,
        consents.record_consent,
        patient_id=patient_id,
        case_id=None,
        consent=consent_form(today=TODAY),
        rules=case_rules().consent,
    )
    _withdraw(world, first.id)
    assert (
        world.clinic.do(world.expert, cases.get_case, case_id=case.id).status is CaseStatus.ASSIGNED
    )


@pytest.mark.parametrize("who", ["stranger", "expert"])
def test_consents_of_another_institutions_patient_are_not_there(
    world: Consortium, who: str
) -> None:
    patient = make_patient(world)
    consent_id = give_consent(world, patient)
    actor = getattr(world, who)
    with pytest.raises(NotFoundError):
        world.clinic.do(actor, consents.list_consents, patient_id=patient.id)
    with pytest.raises(NotFoundError):
        world.clinic.do(actor, consents.withdraw_consent, consent_id=consent_id, reason="x")
    with pytest.raises(NotFoundError):
        world.clinic.do(
            actor,
            consents.record_consent,
            patient_id=patient.id,
            case_id=None,
            consent=consent_form(today=TODAY),
            rules=case_rules().consent,
        )


def test_a_consent_does_not_go_to_another_patients_case(world: Consortium) -> None:
    other = make_draft(world, make_patient(world, document_number=citizen_number(4)))
    with pytest.raises(NotFoundError):
        give_consent(world, make_patient(world), case_id=other.id)
