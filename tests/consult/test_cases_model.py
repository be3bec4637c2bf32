"""The table of the case: complete, closed, and with one accountable part in each status."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.fhir import CASE_STATUSES, REQUEST_PRIORITY, TASK_STATUS, TaskStatus
from consult.cases.model import (
    ACCOUNTABLE,
    EVENT_FROM,
    NEXT_STATUS,
    REOPENED_STATUS,
    TERMINAL,
    Accountable,
    Case,
    CaseEvent,
    CaseEventNotAllowedError,
    CaseStatus,
    CaseStepNotAllowedError,
    CaseUndecidedError,
    Priority,
    ServiceType,
    is_open,
    require_case_step,
    require_event,
    require_step,
)
from consult.kernel.ids import CaseId, ConsortiumId, InstitutionId, PatientId

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def make_case(status: CaseStatus, *, decided_at: datetime | None = None) -> Case:
    return Case(
        id=CaseId("c1"),
        number="LZ-1",
        institution_id=InstitutionId("i1"),
        consortium_id=ConsortiumId("k1"),
        invited_institution_id=None,
        agreement_id=None,
        panel_id=None,
        patient_id=PatientId("p1"),
        service_type=ServiceType.SCREENING_READ,
        form_version="2026.1",
        answers={},
        question="",
        priority=Priority.SCREENING,
        priority_rule="screening-read",
        priority_version="2026.1",
        priority_override_reason=None,
        status=status,
        owner_id=None,
        requesting_physician_id=None,
        prepared_by_id=None,
        opened_at=AT,
        submitted_at=None,
        accept_by=None,
        report_by=None,
        decided_at=decided_at,
        closed_at=None,
        revision=1,
    )


def test_every_status_has_a_row_in_the_table_and_one_accountable_part() -> None:
    assert set(NEXT_STATUS) == set(ACCOUNTABLE) == set(TASK_STATUS) == set(CaseStatus)
    assert set(ACCOUNTABLE.values()) == set(Accountable)


def test_a_terminal_status_has_no_way_on_except_that_a_missed_session_is_booked_again() -> None:
    ends = {status for status, after in NEXT_STATUS.items() if not after}
    assert ends == TERMINAL - {CaseStatus.MISSED}
    assert NEXT_STATUS[CaseStatus.MISSED] == {CaseStatus.SCHEDULED}


def test_every_status_is_reached_from_a_draft_and_comes_to_an_end() -> None:
    reached = {CaseStatus.DRAFT}
    while more := {after for status in reached for after in NEXT_STATUS[status]} - reached:
        reached |= more
    assert reached == set(CaseStatus)
    ending = set(TERMINAL)
    while more := {s for s in CaseStatus if NEXT_STATUS[s] & ending} - ending:
        ending |= more
    assert ending == set(CaseStatus)


@given(data=st.data())
def test_on_every_way_a_person_is_accountable_until_the_case_is_kept(data: st.DataObject) -> None:
    status = CaseStatus.DRAFT
    for _ in range(40):
        part = ACCOUNTABLE[status]
        assert is_open(status) is (part is not Accountable.INSTITUTION)
        assert is_open(status) is (status not in TERMINAL | {CaseStatus.CLOSED})
        if not NEXT_STATUS[status]:
            return
        want = data.draw(st.sampled_from(sorted(NEXT_STATUS[status])))
        require_step(CaseId("c1"), have=status, want=want)
        status = want


@pytest.mark.parametrize("have", CaseStatus)
def test_a_step_that_the_table_lacks_is_a_conflict(have: CaseStatus) -> None:
    for want in set(CaseStatus) - NEXT_STATUS[have]:
        with pytest.raises(CaseStepNotAllowedError) as conflict:
            require_step(CaseId("c1"), have=have, want=want)
        assert (conflict.value.have, conflict.value.want) == (have, want)
        assert conflict.value.code == "case-step-not-allowed"


def test_a_received_case_goes_on_only_once_it_is_decided() -> None:
    undecided = make_case(CaseStatus.ACKNOWLEDGED)
    decided = make_case(CaseStatus.ACKNOWLEDGED, decided_at=AT)
    require_case_step(undecided, want=CaseStatus.REPORTED)
    for want in NEXT_STATUS[CaseStatus.ACKNOWLEDGED] - {CaseStatus.REPORTED}:
        with pytest.raises(CaseUndecidedError):
            require_case_step(undecided, want=want)
        require_case_step(decided, want=want)


def test_events_happen_only_where_they_may() -> None:
    assert set(EVENT_FROM) == set(CaseEvent)
    assert EVENT_FROM[CaseEvent.REOPENED] == {CaseStatus.CLOSED}
    assert is_open(REOPENED_STATUS)
    for event in CaseEvent:
        for status in CaseStatus:
            if status in EVENT_FROM[event]:
                require_event(make_case(status), event=event)
            else:
                with pytest.raises(CaseEventNotAllowedError):
                    require_event(make_case(status), event=event)


def test_the_fhir_words_map_both_ways() -> None:
    assert set(CASE_STATUSES) == set(TaskStatus)
    assert sum(len(found) for found in CASE_STATUSES.values()) == len(CaseStatus)
    for status, task in TASK_STATUS.items():
        assert status in CASE_STATUSES[task]
    assert CASE_STATUSES[TaskStatus.ENTERED_IN_ERROR] == frozenset()
    assert set(REQUEST_PRIORITY) == set(Priority)
    assert set(REQUEST_PRIORITY.values()) <= {"routine", "urgent", "asap", "stat"}
