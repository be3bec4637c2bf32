"""The list of a screening day: checked line by line, taken whole, begun patient by patient."""

from dataclasses import replace
from datetime import timedelta

import pytest

from consult.cases import service as cases
from consult.cases import service_draft
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.cases.screening import service as screening
from consult.cases.screening.errors import (
    BegunAlreadyError,
    DayFullError,
    ListChangedError,
    ListUnreadableError,
    NotListedError,
    ScanUnclearError,
)
from consult.cases.screening.model import Listed, ListReport, Verdict, parse_list_rules
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor
from consult.people.patients import service as patients
from tests.makers.cases import citizen_number, fill_in, make_draft, make_patient
from tests.makers.consortium import Consortium, case_rules, patient_rules
from tests.makers.rulebooks import read_config

RULES = parse_list_rules(read_config("screening.toml"))
WAYS = {"rules": RULES, "registration": patient_rules()}


def a_list(*lines: str) -> str:
    return "\n".join(("姓名\t身份证号\t性别\t出生日期", *lines))


def person(name: str, sequence: int) -> str:
    return f"{name}\t{citizen_number(sequence)}"


def check(world: Consortium, text: str) -> ListReport:
    return world.clinic.do(world.photographer, screening.check_list, text=text, **WAYS)


def take(world: Consortium, text: str, *, count: int) -> ListReport:
    return world.clinic.do(world.photographer, screening.take_list, text=text, count=count, **WAYS)


def listed(world: Consortium, by: Actor | None = None) -> list[Listed]:
    return world.clinic.do(by or world.photographer, screening.list_today, rules=RULES)


def begin(world: Consortium, patient_id: str, by: Actor | None = None) -> Case:
    return world.clinic.do(
        by or world.photographer,
        screening.begin,
        patient_id=patient_id,
        panel_id=world.panel_id,
        rules=case_rules(),
    )


def scan(world: Consortium, text: str) -> str:
    return world.clinic.do(world.photographer, screening.scan, text=text, **WAYS)


def verdicts(report: ListReport) -> list[Verdict]:
    return [line.verdict for line in report.lines]


def test_every_line_is_reported_and_nothing_is_taken_by_looking(world: Consortium) -> None:
    known = make_patient(world)
    wrong = citizen_number(4)[:-1] + ("1" if citizen_number(4)[-1] != "1" else "2")
    text = a_list(
        person("李建国", 11),
        f"{known.name}\t{known.facts.document_number}",
        person("李建国", 11),
        f"王秀兰\t{wrong}",
        f"张三\t{known.facts.document_number}",
    )
    report = check(world, text)
    assert verdicts(report) == [
        Verdict.NEW,
        Verdict.KNOWN,
        Verdict.TWICE,
        Verdict.REFUSED,
        Verdict.TWICE,
    ]
    assert report.lines[2].same_as == 2
    assert [each.code for each in report.lines[3].problems] == ["document-check-digit-wrong"]
    assert listed(world) == []


def test_one_number_under_two_names_is_left_to_a_person(world: Consortium) -> None:
    known = make_patient(world)
    report = check(world, a_list(f"张三\t{known.facts.document_number}"))
    assert verdicts(report) == [Verdict.REFUSED]
    assert [each.code for each in report.lines[0].problems] == ["list-other-name"]


def test_the_lines_in_order_are_registered_and_stand_in_their_order(world: Consortium) -> None:
    known = make_patient(world)
    text = a_list(
        person("李建国", 11),
        "王秀兰\t12345",
        f"{known.name}\t{known.facts.document_number}",
    )
    assert take(world, text, count=2).count == 2
    found = listed(world, by=world.physician)
    people = [
        world.clinic.do(world.physician, patients.get_patient, patient_id=each.patient_id)
        for each in found
    ]
    assert [each.name for each in people] == ["李建国", "张桂英"]
    assert people[1].id == known.id
    line = world.clinic.lines()[-1]
    assert (line.kind, line.patient_id) == ("screening.listed", known.id)
    assert verdicts(check(world, text)) == [Verdict.LISTED, Verdict.REFUSED, Verdict.LISTED]


def test_ten_thousand_lines_are_refused_whole_and_register_nobody(world: Consortium) -> None:
    text = a_list(*(person("李建国", sequence % 900) for sequence in range(10_000)))
    with pytest.raises(ListUnreadableError) as refused:
        take(world, text, count=200)
    assert refused.value.code == "list-too-long"
    assert listed(world) == []


def test_a_list_that_changed_since_it_was_checked_takes_nobody(world: Consortium) -> None:
    text = a_list(person("李建国", 11), person("王秀兰", 12))
    take(world, a_list(person("李建国", 11)), count=1)
    with pytest.raises(ListChangedError):
        take(world, text, count=2)
    assert len(listed(world)) == 1
    assert verdicts(check(world, text)) == [Verdict.LISTED, Verdict.NEW]


def test_a_day_holds_no_more_than_its_bound_and_nothing_is_half_taken(world: Consortium) -> None:
    narrow = replace(RULES, most_listed=1)
    text = a_list(person("李建国", 11), person("王秀兰", 12))
    with pytest.raises(DayFullError):
        world.clinic.do(
            world.photographer,
            screening.take_list,
            text=text,
            count=2,
            rules=narrow,
            registration=patient_rules(),
        )
    assert listed(world) == []
    assert verdicts(check(world, text)) == [Verdict.NEW, Verdict.NEW]


def test_somebody_without_a_document_is_not_registered_twice_by_the_same_list(
    world: Consortium,
) -> None:
    text = a_list("无名氏\t\t女\t1960-01-01")
    take(world, text, count=1)
    assert verdicts(check(world, text)) == [Verdict.LISTED]
    tomorrow = replace(world, clinic=world.clinic.at(world.clinic.now + timedelta(days=1)))
    report = check(tomorrow, text)
    assert [each.code for each in report.lines[0].problems] == ["list-alike"]


def test_a_list_is_of_its_institution_and_its_day(world: Consortium) -> None:
    take(world, a_list(person("李建国", 11)), count=1)
    assert listed(world, by=world.stranger) == []
    tomorrow = replace(world, clinic=world.clinic.at(world.clinic.now + timedelta(days=1)))
    assert listed(tomorrow) == []
    (there,) = listed(world)
    with pytest.raises(NotFoundError):
        begin(world, there.patient_id, by=world.stranger)


def test_a_draft_is_begun_once_however_often_it_is_pressed(world: Consortium) -> None:
    take(world, a_list(person("李建国", 11)), count=1)
    (line,) = listed(world)
    first, second = begin(world, line.patient_id), begin(world, line.patient_id)
    assert first.id == second.id
    assert (first.status, first.service_type) == (CaseStatus.DRAFT, ServiceType.SCREENING_READ)
    assert first.prepared_by_id == world.photographer.person
    assert first.owner_id in {world.physician.person, world.colleague.person}
    assert [each.case_id for each in listed(world)] == [first.id]


def test_what_the_list_says_of_diabetes_are_the_first_answers_of_the_draft(
    world: Consortium,
) -> None:
    year = world.clinic.now.year
    text = "\n".join(
        [
            "姓名\t身份证号\t糖尿病类型\t确诊年份",
            f"李建国\t{citizen_number(11)}\t2型\t{year - 11}",
            f"王秀兰\t{citizen_number(12)}\t非糖尿病\t",
            f"赵钱孙\t{citizen_number(13)}\t\t",
        ]
    )
    take(world, text, count=3)
    begun = [begin(world, line.patient_id) for line in listed(world)]
    assert [case.answers for case in begun] == [
        {"diabetes": "yes", "diabetes_type": "type_2", "diabetes_years": "11.0"},
        {"diabetes": "no"},
        {},
    ]
    assert begun[0].owner_id in {world.physician.person, world.colleague.person}
    again = begin(world, listed(world)[0].patient_id)
    assert (again.revision, again.answers) == (begun[0].revision, begun[0].answers)


def test_a_draft_that_has_answers_keeps_them_whatever_the_list_says(world: Consortium) -> None:
    patient = make_patient(world)
    draft = make_draft(world, patient, service_type=ServiceType.SCREENING_READ)
    filled = fill_in(world, draft, {"diabetes": "no"})
    text = f"姓名\t身份证号\t糖尿病类型\n{patient.name}\t{patient.facts.document_number}\t2型"
    take(world, text, count=1)
    assert begin(world, patient.id).answers == filled.answers


@pytest.mark.parametrize("year", [1961, 2100])
def test_a_diagnosis_before_birth_or_ahead_is_named(world: Consortium, year: int) -> None:
    text = f"姓名\t身份证号\t确诊年份\n李建国\t{citizen_number(11)}\t{year}"
    (line,) = check(world, text).lines
    assert line.verdict is Verdict.REFUSED
    assert [(each.field, each.code) for each in line.problems] == [
        ("diabetes_since", "list-year-impossible")
    ]


def test_a_draft_that_was_open_already_is_taken_up(world: Consortium) -> None:
    patient = make_patient(world)
    draft = make_draft(world, patient, service_type=ServiceType.SCREENING_READ)
    scan(world, patient.facts.document_number)
    assert begin(world, patient.id).id == draft.id
    assert [
        each.id
        for each in world.clinic.do(world.physician, cases.list_of_patient, patient_id=patient.id)
    ] == [draft.id]


def test_a_card_reader_that_types_more_than_the_number_finds_the_row(world: Consortium) -> None:
    take(world, a_list(person("李建国", 11), person("李建军", 12)), count=2)
    first, second = listed(world)
    assert scan(world, f"李建国 {citizen_number(11)} 云溪镇") == first.patient_id
    assert scan(world, "lijianjun") == second.patient_id
    with pytest.raises(ScanUnclearError, match="scan-several"):
        scan(world, "李建")
    with pytest.raises(ScanUnclearError, match="scan-nobody"):
        scan(world, "赵钱孙")
    with pytest.raises(ScanUnclearError, match="scan-several"):
        scan(world, " ")


def test_a_scan_puts_whoever_is_registered_on_the_list(world: Consortium) -> None:
    patient = make_patient(world)
    assert scan(world, patient.local_number) == patient.id
    assert [each.patient_id for each in listed(world)] == [patient.id]
    scan(world, patient.local_number)
    assert len(listed(world)) == 1


def test_a_line_leaves_the_list_until_a_case_was_begun(world: Consortium) -> None:
    take(world, a_list(person("李建国", 11), person("王秀兰", 12)), count=2)
    first, second = listed(world)
    world.clinic.do(world.photographer, screening.take_off, patient_id=first.patient_id)
    with pytest.raises(NotListedError):
        world.clinic.do(world.photographer, screening.take_off, patient_id=first.patient_id)
    begin(world, second.patient_id)
    with pytest.raises(BegunAlreadyError):
        world.clinic.do(world.photographer, screening.take_off, patient_id=second.patient_id)
    assert [each.patient_id for each in listed(world)] == [second.patient_id]


def test_who_was_left_open_is_carried_over_with_her_draft_and_once(world: Consortium) -> None:
    take(world, a_list(person("李建国", 11), person("王秀兰", 12), person("赵小妹", 13)), count=3)
    first, second, third = listed(world)
    draft, sent = begin(world, second.patient_id), begin(world, third.patient_id)
    gone = {"case_id": sent.id, "revision": sent.revision, "reason": "患者已离开"}
    world.clinic.do(world.physician, service_draft.cancel_case, **gone)
    today = world.clinic.now.date()
    with pytest.raises(NotListedError):  # the day is not over
        world.clinic.do(world.photographer, screening.carry_over, day=first.day, rules=RULES)
    after = replace(world, clinic=world.clinic.at(world.clinic.now + timedelta(days=3)))
    assert after.clinic.do(world.photographer, screening.find_day_before) == first.day
    assert first.day == today
    ways = {"day": first.day, "rules": RULES}
    assert after.clinic.do(world.stranger, screening.carry_over, **ways) == 0
    assert after.clinic.do(world.photographer, screening.carry_over, **ways) == 2
    assert after.clinic.do(world.photographer, screening.carry_over, **ways) == 0
    assert [(each.patient_id, each.case_id) for each in listed(after)] == [
        (first.patient_id, None),
        (second.patient_id, draft.id),
    ]
    carried = [line for line in world.clinic.lines() if "carried_from" in line.codes]
    assert {line.codes["carried_from"] for line in carried} == {first.day.isoformat()}


def test_a_full_list_takes_nobody_over(world: Consortium) -> None:
    take(world, a_list(person("李建国", 11), person("王秀兰", 12)), count=2)
    day = listed(world)[0].day
    after = replace(world, clinic=world.clinic.at(world.clinic.now + timedelta(days=1)))
    take(after, a_list(person("赵小妹", 13)), count=1)
    narrow = replace(RULES, most_listed=2)
    with pytest.raises(DayFullError):
        after.clinic.do(world.photographer, screening.carry_over, day=day, rules=narrow)
    assert len(listed(after)) == 1
