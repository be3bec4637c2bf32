"""Registering, finding and correcting patients, on both databases."""

from concurrent.futures import wait
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.people.patients import service as patients
from consult.people.patients.documents import DocumentKind, Sex
from consult.people.patients.errors import (
    IdentityAlreadySettledError,
    PatientAlreadyRegisteredError,
    PatientChangedError,
    SearchTooLongError,
)
from consult.people.patients.model import ContactRelation, Found, IdentityStatus
from tests.makers.cases import citizen_number, make_patient, patient_form
from tests.makers.consortium import Consortium, patient_rules


def _search(world: Consortium, typed: str) -> list[Found]:
    return world.clinic.do(
        world.physician, patients.search_patients, text=typed, rules=patient_rules()
    )


def _names(world: Consortium, typed: str) -> list[str]:
    return [found.patient.name for found in _search(world, typed)]


def test_a_patient_with_an_identity_card_is_registered_with_what_the_card_says(
    world: Consortium,
) -> None:
    patient = make_patient(world)
    assert patient.facts.sex is Sex.FEMALE
    assert patient.facts.birth_on == date(1962, 3, 14)
    assert patient.local_number == "P-000001"
    assert patient.tail == citizen_number()[-4:]
    assert patient.facts.identity_status is IdentityStatus.SETTLED
    line = world.clinic.lines()[-1]
    assert (line.kind, line.patient_id) == ("patient.registered", patient.id)
    assert line.words["name"] == "张桂英"
    assert "张桂英" not in str(line.codes)


def test_numbers_phones_and_addresses_are_not_readable_in_the_database(world: Consortium) -> None:
    make_patient(world, address="云溪镇解放路 1 号")
    rows = world.clinic.units.read(
        lambda session: session.execute(text("SELECT * FROM patients")).all()
    ).result(timeout=20)
    stored = str([tuple(row) for row in rows])
    assert "张桂英" in stored
    for secret in (citizen_number(), "13905786127", "解放路"):
        assert secret not in stored
        assert secret.encode() not in stored.encode("utf-8", "backslashreplace")


def test_the_same_document_twice_names_the_record_that_is_there(world: Consortium) -> None:
    first = make_patient(world)
    with pytest.raises(PatientAlreadyRegisteredError) as refused:
        make_patient(world, name="张桂英（重）")
    assert refused.value.patient_id == first.id


def test_a_household_register_with_the_same_number_is_the_same_person(world: Consortium) -> None:
    first = make_patient(world)
    with pytest.raises(PatientAlreadyRegisteredError) as refused:
        make_patient(world, document_kind=DocumentKind.HOUSEHOLD_REGISTER)
    assert refused.value.patient_id == first.id


def test_ten_registrations_of_one_person_at_once_leave_one_record(world: Consortium) -> None:
    races = [
        world.clinic.start(
            world.physician, patients.register_patient, form=patient_form(), rules=patient_rules()
        )
        for _ in range(10)
    ]
    wait(races, timeout=30)
    refused = [race.exception() for race in races if race.exception() is not None]
    assert len(refused) == 9
    assert {type(error) for error in refused} == {PatientAlreadyRegisteredError}
    assert len(_search(world, "张桂英")) == 1


def test_two_institutions_may_know_one_person_and_are_told_only_that(world: Consortium) -> None:
    here = make_patient(world)
    there = make_patient(world, by=world.stranger)
    assert there.id != here.id
    known = world.clinic.do(world.physician, patients.known_elsewhere, patient_id=here.id)
    assert known == [world.other_id]
    outsider = replace(world.physician, consortium_ids=frozenset())
    assert world.clinic.do(outsider, patients.known_elsewhere, patient_id=here.id) == []
    with pytest.raises(NotFoundError):
        world.clinic.do(world.physician, patients.get_patient, patient_id=there.id)
    assert len(_search(world, "张桂英")) == 1


def test_people_without_documents_are_no_duplicates_of_each_other(world: Consortium) -> None:
    unknown = {
        "document_kind": DocumentKind.NONE,
        "document_number": "",
        "birth_on": date(1960, 1, 1),
        "sex": Sex.FEMALE,
        "name": "无名氏",
    }
    first, second = make_patient(world, **unknown), make_patient(world, **unknown)
    assert (first.local_number, second.local_number) == ("P-000001", "P-000002")
    assert first.is_pending
    assert first.tail == "0001"


def test_a_patient_is_found_by_whatever_is_at_hand(world: Consortium) -> None:
    make_patient(world)
    make_patient(world, name="王秀英", document_number=citizen_number(4), phone="13900000000")
    for typed in (
        *("张桂英", "桂英", "zhangguiying", "Zhang Gui Ying", "zgy", "13905786127"),
        *("139-0578-6127", "P-000001", "p-000001", citizen_number(), citizen_number().lower()),
    ):
        assert _names(world, typed) == ["张桂英"], typed


def test_nonsense_finds_nobody(world: Consortium) -> None:
    make_patient(world)
    for typed in ("%", "_", "zzz", "999", "' OR 1=1 --", "\\"):
        assert _names(world, typed) == [], typed


def test_an_endless_search_is_refused_with_the_field_named(world: Consortium) -> None:
    with pytest.raises(SearchTooLongError) as refused:
        _search(world, "长" * 65)
    assert refused.value.problems[0].field == "q"


def test_nothing_typed_shows_the_newest_first_and_not_without_end(world: Consortium) -> None:
    for sequence in range(2, 72, 2):
        make_patient(world, name=f"患者{sequence}", document_number=citizen_number(sequence))
    found = _search(world, "")
    assert len(found) == patient_rules().registration.most_found
    assert found[0].patient.name == "患者70"


def test_two_of_one_name_are_marked_wherever_one_of_them_is_listed(world: Consortium) -> None:
    make_patient(world, name="王秀英", document_number=citizen_number(2), phone="")
    make_patient(world, name="王秀英", document_number=citizen_number(4), phone="")
    make_patient(world, document_number=citizen_number(6))
    assert [found.namesake for found in _search(world, "王秀英")] == [True, True]
    assert [found.namesake for found in _search(world, citizen_number(2))] == [True]
    assert [found.namesake for found in _search(world, "张桂英")] == [False]


def test_a_spouse_may_share_the_telephone(world: Consortium) -> None:
    make_patient(world)
    make_patient(world, name="李大山", document_number=citizen_number(1))
    assert sorted(_names(world, "13905786127")) == ["张桂英", "李大山"]


def test_a_minor_needs_a_guardian_with_relation_and_telephone(world: Consortium) -> None:
    child = {"document_number": citizen_number(birth="20150601"), "phone": ""}
    with pytest.raises(FormRefusedError) as refused:
        make_patient(world, **child)
    assert {problem.field for problem in refused.value.problems} == {
        "guardian_name",
        "guardian_relation",
        "guardian_phone",
    }
    guardian = {
        "guardian_name": "张建国",
        "guardian_relation": ContactRelation.PARENT,
        "guardian_phone": "13911112222",
    }
    found = make_patient(world, **child, **guardian).facts.guardian
    assert found is not None
    assert (found.name, found.phone) == ("张建国", "13911112222")


_WRONG: list[tuple[dict[str, object], str, str]] = [
    ({"name": ""}, "name", "field-missing"),
    ({"name": "<script>"}, "name", "name-forbidden-character"),
    ({"name": "张" * 65}, "name", "field-too-long"),
    (
        {"document_number": "331121196203140021"},
        "document_number",
        "document-check-digit-wrong",
    ),
    ({"document_number": "350000620314002"}, "document_number", "document-number-15-digits"),
    ({"sex": Sex.MALE}, "sex", "sex-differs-from-document"),
    ({"birth_on": date(1963, 1, 1)}, "birth_on", "birth-date-differs-from-document"),
    ({"phone": "12"}, "phone", "patient-phone-malformed"),
    ({"phone": "电话"}, "phone", "patient-phone-malformed"),
    ({"address": "路" * 201}, "address", "field-too-long"),
    (
        {"document_kind": DocumentKind.PASSPORT, "document_number": "E12345678"},
        "birth_on",
        "field-missing",
    ),
    (
        {
            "document_kind": DocumentKind.PASSPORT,
            "document_number": "E12345678",
            "birth_on": date(2030, 1, 1),
            "sex": Sex.MALE,
        },
        "birth_on",
        "birth-date-impossible",
    ),
]


def test_a_wrong_form_is_refused_with_the_field_named(world: Consortium) -> None:
    for changes, field, code in _WRONG:
        with pytest.raises(FormRefusedError) as refused:
            make_patient(world, **changes)
        assert (field, code) in {(each.field, each.code) for each in refused.value.problems}
    assert "patient.registered" not in world.clinic.kinds()


def test_all_problems_of_a_form_are_named_at_once(world: Consortium) -> None:
    with pytest.raises(FormRefusedError) as refused:
        make_patient(world, name="", document_number="1", phone="x")
    fields = {problem.field for problem in refused.value.problems}
    assert {"name", "document_number", "phone", "birth_on", "sex"} <= fields


def test_opening_a_record_is_written_down_with_who_looked(world: Consortium) -> None:
    patient = make_patient(world)
    world.clinic.do(world.colleague, patients.open_patient, patient_id=patient.id)
    line = world.clinic.lines()[-1]
    assert (line.kind, line.patient_id) == ("patient.opened", patient.id)
    assert line.practitioner_id == world.colleague.person


@pytest.mark.parametrize("who", ["stranger", "expert"])
def test_a_record_of_another_institution_is_not_there(world: Consortium, who: str) -> None:
    patient = make_patient(world)
    actor = getattr(world, who)
    for step in (patients.get_patient, patients.open_patient, patients.known_elsewhere):
        with pytest.raises(NotFoundError):
            world.clinic.do(actor, step, patient_id=patient.id)
    with pytest.raises(NotFoundError):
        world.clinic.do(
            actor,
            patients.update_patient,
            patient_id=patient.id,
            revision=1,
            form=patient_form(),
            rules=patient_rules(),
        )
    assert world.clinic.do(actor, patients.patients_by_id, ids=[patient.id]) == {}


def test_a_correction_needs_the_revision_that_was_on_the_page(world: Consortium) -> None:
    patient = make_patient(world)
    change = {"patient_id": patient.id, "rules": patient_rules()}
    after = world.clinic.do(
        world.physician,
        patients.update_patient,
        revision=1,
        form=patient_form(phone="13888888888"),
        **change,
    )
    assert (after.revision, after.facts.phone) == (2, "13888888888")
    with pytest.raises(PatientChangedError):
        world.clinic.do(
            world.colleague,
            patients.update_patient,
            revision=1,
            form=patient_form(phone="13777777777"),
            **change,
        )
    with pytest.raises(IdentityAlreadySettledError):
        world.clinic.do(
            world.physician,
            patients.update_patient,
            revision=2,
            form=patient_form(document_number=citizen_number(8)),
            **change,
        )


def _pending(world: Consortium) -> str:
    patient = make_patient(
        world,
        document_kind=DocumentKind.NONE,
        document_number="",
        birth_on=date(1962, 3, 14),
        sex=Sex.FEMALE,
    )
    return patient.id


def test_an_identity_is_settled_once_by_a_document(world: Consortium) -> None:
    settle = {"patient_id": _pending(world), "rules": patient_rules()}
    with pytest.raises(RefusedError) as refused:
        world.clinic.do(
            world.physician,
            patients.settle_identity,
            revision=1,
            form=patient_form(
                document_kind=DocumentKind.NONE,
                document_number="",
                birth_on=date(1962, 3, 14),
                sex=Sex.FEMALE,
            ),
            **settle,
        )
    assert refused.value.code == "identity-needs-document"
    after = world.clinic.do(
        world.physician, patients.settle_identity, revision=1, form=patient_form(), **settle
    )
    assert not after.is_pending
    assert _names(world, citizen_number()) == ["张桂英"]
    with pytest.raises(IdentityAlreadySettledError):
        world.clinic.do(
            world.physician, patients.settle_identity, revision=2, form=patient_form(), **settle
        )


def test_settling_an_identity_finds_the_duplicate(world: Consortium) -> None:
    known = make_patient(world)
    pending_id = _pending(world)
    with pytest.raises(PatientAlreadyRegisteredError) as refused:
        world.clinic.do(
            world.physician,
            patients.settle_identity,
            patient_id=pending_id,
            revision=1,
            form=patient_form(),
            rules=patient_rules(),
        )
    assert refused.value.patient_id == known.id


def test_rare_and_long_names_are_kept_and_found(world: Consortium) -> None:
    rare = ("䶮", "𠅤某", "阿卜杜热合曼·吐尔逊", "Christopher-Alexander Wolfeschlegel", "Suharto")
    for sequence, name in enumerate(rare, start=1):
        make_patient(world, name=name, document_number=citizen_number(sequence))
        assert _names(world, name) == [name]
