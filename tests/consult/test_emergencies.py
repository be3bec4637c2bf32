"""A case that is opened because its patient cannot wait: for reading, for an hour, reviewed."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.cases import service as cases
from consult.cases.model import Case
from consult.journal.model import Line
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor, Role, Work
from consult.people.patients import service as patients
from consult.reports import service as reports
from consult.reports.emergencies import service as emergencies
from consult.reports.emergencies.errors import (
    AlreadyReviewedError,
    NoSuchCaseError,
    NotNeededError,
    OwnEmergencyError,
    ReasonTooShortError,
)
from consult.reports.seal import load_seal
from tests.makers.consortium import Consortium
from tests.makers.people import sign_in_rules
from tests.makers.reports import make_signed

RULES = sign_in_rules().emergency
WHY = "患者突发剧烈眼痛，正在我院急诊"


@pytest.fixture
def case(world: Consortium, tmp_path: Path) -> Case:
    """A case with a signed report."""
    report = make_signed(world, seal=load_seal(tmp_path))
    return world.clinic.system(cases.get_case, case_id=report.case_id)


def reading(actor: Actor) -> Actor:
    """The person in a request that changes nothing."""
    return replace(actor, is_reading=True)


def open_it(world: Consortium, case: Case, *, by: Actor | None = None, why: str = WHY) -> str:
    told = {"number": case.number, "reason": why, "rules": RULES}
    return world.clinic.do(by or world.stranger, emergencies.open_case, **told)


def test_the_reason_lies_in_plain_nowhere_and_is_shown_to_whoever_needs_names(
    world: Consortium, case: Case
) -> None:
    open_it(world, case)
    number = "JZ-王秀英"
    world.clinic.do(world.stranger, emergencies.record_miss, number=number, reason=WHY)
    world.clinic.settle()
    told = world.clinic.system(all_words)
    assert len(told) > 3
    assert [words for words in told if words and (WHY in words or number in words)] == []
    for sees_names, reasons in ((True, [WHY]), (False, [])):
        actor = replace(reading(world.physician), sees_names=sees_names)
        lines = world.clinic.do(actor, told_lines, case_id=case.id)
        opened = [line for line in lines if line.kind == "emergency.opened"]
        assert [line.words["reason"] for line in opened if line.words] == reasons
        assert len(opened) == 1


def told_lines(work: Work, *, case_id: str) -> list[Line]:
    told = cases.timeline(work, case_id, kinds=["emergency.opened"])
    return emergencies.with_reasons(work, told)


def all_words(work: Work) -> list[str]:
    return [str(row[0]) for row in work.session.execute(text("SELECT words FROM journal_detail"))]


def administrator(world: Consortium, **changes: object) -> Actor:
    """Somebody who arranges the installation."""
    base = replace(world.colleague, roles=frozenset({Role.ADMINISTRATOR}))
    return replace(base, **changes)  # type: ignore[arg-type] # a form of a test


def test_it_opens_case_patient_and_report_to_this_person_for_reading(
    world: Consortium, case: Case
) -> None:
    clinic, stranger = world.clinic, reading(world.stranger)
    with pytest.raises(NotFoundError):
        clinic.do(stranger, cases.get_case, case_id=case.id)
    assert open_it(world, case) == case.id
    assert clinic.do(stranger, cases.get_case, case_id=case.id).id == case.id
    assert clinic.do(stranger, patients.get_patient, patient_id=case.patient_id)
    assert len(clinic.do(stranger, reports.list_reports, case_id=case.id)) == 1
    for actor in (world.stranger, replace(stranger, practitioner_id=case.prepared_by_id)):
        with pytest.raises(NotFoundError):  # no step, and nobody else
            clinic.do(actor, cases.get_case, case_id=case.id)
    late = clinic.later(minutes=60)
    with pytest.raises(NotFoundError):
        late.do(stranger, cases.get_case, case_id=case.id)


def test_it_takes_a_number_and_a_reason_and_the_need(world: Consortium, case: Case) -> None:
    with pytest.raises(ReasonTooShortError):
        open_it(world, case, why="急")
    with pytest.raises(NoSuchCaseError):
        open_it(world, replace(case, number="LZ0"))
    with pytest.raises(NotNeededError):
        open_it(world, case, by=world.physician)
    world.clinic.do(world.stranger, emergencies.record_miss, number="LZ0", reason=WHY)
    assert "emergency.missed" in world.clinic.kinds()
    assert "emergency.opened" not in world.clinic.kinds()


def test_the_reason_stands_on_the_timeline_and_nowhere_in_the_open(
    world: Consortium, case: Case
) -> None:
    open_it(world, case)
    assert world.clinic.kinds()[-1] == "emergency.opened"
    lines = world.clinic.do(world.physician, told_lines, case_id=case.id)
    [line] = [line for line in lines if line.kind == "emergency.opened"]
    assert (line.words["reason"], line.practitioner_id) == (WHY, world.stranger.person)
    assert (line.case_id, line.patient_id) == (case.id, case.patient_id)

    def unit(session: Session) -> str:
        return repr([tuple(row) for row in session.execute(text("SELECT * FROM emergencies"))])

    assert WHY not in world.clinic.units.read(unit).result(timeout=20)


def test_it_is_reviewed_once_and_by_somebody_else(world: Consortium, case: Case) -> None:
    open_it(world, case)
    own = administrator(world, practitioner_id=world.stranger.practitioner_id)
    reviewer = administrator(world)
    [found] = world.clinic.do(reviewer, emergencies.list_for_review)
    assert (found.reason, found.case_number, found.verdict) == (WHY, case.number, None)
    for hours, overdue in ((24, False), (24.1, True)):
        now = world.clinic.later(hours=hours).now
        assert found.is_overdue(now=now, review_within=RULES.review_within) is overdue
    told = {"emergency_id": found.id, "verdict": "justified"}
    with pytest.raises(OwnEmergencyError):
        world.clinic.do(own, emergencies.review, **told)
    with pytest.raises(NotFoundError):
        world.clinic.do(reviewer, emergencies.review, **(told | {"emergency_id": "0" * 32}))
    world.clinic.do(reviewer, emergencies.review, **told)
    with pytest.raises(AlreadyReviewedError):
        world.clinic.do(reviewer, emergencies.review, **told)
    [found] = world.clinic.do(reviewer, emergencies.list_for_review)
    assert (found.verdict, found.reviewed_by_id) == ("justified", reviewer.person)
    assert not found.is_overdue(
        now=world.clinic.later(days=9).now, review_within=RULES.review_within
    )


def test_what_is_open_to_the_person_now(world: Consortium, case: Case) -> None:
    open_it(world, case)
    [mine] = world.clinic.do(world.stranger, emergencies.list_mine)
    assert mine.case_id == case.id
    assert world.clinic.do(world.physician, emergencies.list_mine) == []
    assert world.clinic.later(minutes=61).do(world.stranger, emergencies.list_mine) == []
