"""Earlier exams beside today's (VW-03): whose reader may know of them, and for how long."""

from dataclasses import replace

import pytest

from consult.access import service as access
from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases.consents import service as consents
from consult.cases.events import case_ref
from consult.cases.model import Case
from consult.cases.recognition import priors
from consult.cases.recognition.model import Source
from consult.cases.sharing import reason_of
from consult.kernel.errors import NotFoundError
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.organisations import consortia
from consult.people.patients import service as patients
from consult.reports.gradings import opinions_of
from consult.reports.seal import SystemSeal
from tests.makers import exams
from tests.makers.cases import citizen_number, sees, submit
from tests.makers.consortium import Consortium
from tests.makers.exams import ask, days_after, neighbour_of
from tests.makers.reports import add_photographs, make_read_case, prepare, sign


@pytest.fixture
def near(world: Consortium) -> Consortium:
    """The centre whose patient comes ten days after an exam at the other one."""
    return days_after(world, 10)


@pytest.fixture
def far(world: Consortium) -> Consortium:
    """The other centre, on the day of its exam."""
    return neighbour_of(world)


def _sent(world: Consortium, **changes: object) -> Case:
    """A case of the same person with photographs of its own, before the panel."""
    case = ask(world, **changes)
    add_photographs(world, case)
    exams.offered(world, case)
    if any(each.kind == exams.FUNDUS for each in exams.lines(world, case)):
        exams.repeat(world, case)
    return submit(world, case)


def _listed(world: Consortium, case: Case) -> list[Source]:
    def step(work: Work) -> list[Source]:
        return priors.list_priors(work, cases.get_case(work, case.id))

    return world.clinic.do(world.expert, step)


def _open(world: Consortium, case: Case, prior: Case) -> Source:
    return world.clinic.do(world.expert, priors.open_prior, case_id=case.id, prior_id=prior.id)


def _close_source(world: Consortium, earlier: Case) -> None:
    """The earlier exam is before the reader's hospital no more."""
    world.clinic.system(access.end_every_grant, about=case_ref(earlier.id), why=reason_of(earlier))


def _withdraw(world: Consortium, case: Case) -> None:
    given = world.clinic.do(world.physician, consents.list_consents, patient_id=case.patient_id)
    world.clinic.do(
        world.physician, consents.withdraw_consent, consent_id=given[0].id, reason="不再同意"
    )


def test_an_exam_at_another_centre_is_listed_and_open_to_its_reader_alone_for_half_a_day(
    near: Consortium, far: Consortium
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    today = _sent(near)
    _close_source(near, earlier)
    (listed,) = _listed(near, today)
    assert listed.case_id == earlier.id
    study = listed.pictures[0].study_id
    assert not sees(near, near.expert, ObjectType.STUDY, study)

    assert _open(near, today, earlier) == listed
    assert sees(near, near.expert, ObjectType.STUDY, study)
    assert not sees(near, near.leader, ObjectType.STUDY, study)
    assert not sees(near, near.expert, ObjectType.CASE, earlier.id)
    looks = [each for each in near.clinic.lines() if each.kind == "case.opened"]
    assert [(each.case_id, each.codes["as"]) for each in looks] == [(earlier.id, "prior")]
    later = replace(near, clinic=near.clinic.later(hours=13))
    assert not sees(later, later.expert, ObjectType.STUDY, study)


def test_opening_twice_gives_no_second_grant_and_no_second_look(
    near: Consortium, far: Consortium
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    today = _sent(near)
    _close_source(near, earlier)
    _open(near, today, earlier)
    before = near.clinic.kinds()
    _open(near, today, earlier)
    assert near.clinic.kinds() == before
    late = replace(near, clinic=near.clinic.later(hours=7))
    _open(late, today, earlier)
    study = _listed(late, today)[0].pictures[0].study_id
    assert sees(days_after(late, 0.4), near.expert, ObjectType.STUDY, study)


def test_a_withdrawal_there_takes_the_exam_away_at_once(near: Consortium, far: Consortium) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    today = _sent(near)
    _close_source(near, earlier)
    study = _open(near, today, earlier).pictures[0].study_id
    _withdraw(days_after(far, 10), earlier)
    assert not sees(near, near.expert, ObjectType.STUDY, study)
    assert _listed(near, today) == []
    with pytest.raises(NotFoundError):
        _open(near, today, earlier)


def test_a_withdrawal_here_closes_what_was_opened_beside_the_case(
    near: Consortium, far: Consortium
) -> None:
    earlier = make_read_case(far, service_type=exams.SCREENING)
    today = _sent(near)
    _close_source(near, earlier)
    study = _open(near, today, earlier).pictures[0].study_id
    _withdraw(near, today)
    assert not sees(near, near.expert, ObjectType.STUDY, study)
    with pytest.raises(NotFoundError):
        _open(near, today, earlier)


def test_nothing_is_listed_of_a_centre_that_left_the_consortium(
    near: Consortium, far: Consortium
) -> None:
    make_read_case(far, service_type=exams.SCREENING)
    today = _sent(near)
    assert len(_listed(near, today)) == 1
    near.clinic.system(
        consortia.end_membership, consortium_id=near.id, institution_id=near.other_id
    )
    assert _listed(near, today) == []


def test_only_what_was_sent_before_is_a_prior_and_its_grade_is_told(
    world: Consortium, seal: SystemSeal
) -> None:
    first = make_read_case(world, service_type=exams.SCREENING)
    later = days_after(world, 200)
    patient = later.clinic.do(later.physician, patients.get_patient, patient_id=first.patient_id)
    second = _sent(later, patient=patient)
    assert [each.case_id for each in _listed(later, second)] == [first.id]
    assert _listed(later, first) == []
    told = later.clinic.do(later.expert, opinions_of, case_ids=[first.id, second.id])
    assert told == {}
    shown = prepare(later, second, by=later.expert)
    sign(later, second, by=later.expert, shown=shown, seal=seal)
    (opinion,) = later.clinic.do(later.expert, opinions_of, case_ids=[second.id]).values()
    assert opinion.rank is not None
    assert opinion.icdr == {Eye.RIGHT: 0, Eye.LEFT: 2}


def test_an_exam_of_somebody_else_is_not_there(near: Consortium, far: Consortium) -> None:
    stranger = make_read_case(far, service_type=exams.SCREENING, document_number=citizen_number(41))
    today = _sent(near)
    assert _listed(near, today) == []
    with pytest.raises(NotFoundError):
        _open(near, today, stranger)
