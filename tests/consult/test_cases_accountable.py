"""Over any order of events every open case has exactly one accountable person (Q-12)."""

import tempfile
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from consult.cases import service as cases
from consult.cases import service_draft, service_handover
from consult.cases.errors import OwnerMissingError, SuccessorNeededError, SuccessorNotEligibleError
from consult.cases.model import (
    ACCOUNTABLE,
    NEXT_STATUS,
    Accountable,
    Case,
    CaseStatus,
    CaseStepNotAllowedError,
    CaseUndecidedError,
    ServiceType,
    is_open,
)
from consult.cases.returns import service as returns
from consult.cases.returns.model import ItemKind, ReturnItem
from consult.kernel.ids import PractitionerId
from tests.makers.cases import citizen_number, fill_in, give_consent, make_draft, make_patient
from tests.makers.cases import submit as submit_case
from tests.makers.clinic import open_clinic
from tests.makers.consortium import Consortium, make_consortium
from tests.makers.returns import forward, second_panel, send_back

_NAMED = frozenset(
    {
        Accountable.SECOND_READER,
        Accountable.ARBITER,
        Accountable.REVIEWER,
        Accountable.REFERRAL_DESK,
    }
)

_WAITING = {CaseStatus.ASSIGNED, CaseStatus.DECLINED}


class AccountableMachine(RuleBasedStateMachine):
    """One case, driven by anybody's steps in any order, on a real database."""

    template: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        """A consortium, a patient with consent, a draft."""
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "clinic.db"
        path.write_bytes(self.template.read_bytes())
        self.opened = open_clinic(f"sqlite:///{path}")
        clinic = self.opened.__enter__()
        self.world: Consortium = make_consortium(clinic)
        patient = make_patient(self.world, document_number=citizen_number())
        give_consent(self.world, patient)
        self.case: Case = make_draft(self.world, patient)
        self.is_with_clinic = self.was_sent = False
        self.other_panel_id, self.other = second_panel(self.world, services=list(ServiceType))
        self.people = {
            actor.person
            for actor in (
                *(self.world.physician, self.world.colleague, self.world.photographer),
                *(self.world.leader, self.world.expert, self.other),
            )
        }

    def teardown(self) -> None:
        """Close the database."""
        self.opened.__exit__(None, None, None)
        self.folder.cleanup()

    @rule(pick=st.integers(0, 30), by=st.sampled_from(["physician", "leader", "expert"]))
    def take_any_step_of_the_table(self, pick: int, by: str) -> None:
        """One of the allowed steps, by anybody."""
        choices = sorted(NEXT_STATUS[self.case.status])
        if not choices or self.is_with_clinic:
            return
        to = choices[pick % len(choices)]
        named = PractitionerId(self.world.leader.person) if ACCOUNTABLE[to] in _NAMED else None
        try:
            self.case = self.world.clinic.do(
                getattr(self.world, by),
                cases.step,
                case=self.case,
                to=to,
                kind=f"case.{to}",
                owner_id=named,
            )
        except CaseUndecidedError:
            self.case = self.world.clinic.do(
                self.world.physician,
                cases.change,
                case=self.case,
                kind="case.decided",
                decided_at=self.world.clinic.now,
            )

    @rule(to=st.sampled_from(sorted(CaseStatus)))
    def try_any_step(self, to: CaseStatus) -> None:
        """A step that the table lacks, or that names nobody, changes nothing."""
        if to in NEXT_STATUS[self.case.status] and ACCOUNTABLE[to] not in _NAMED:
            return
        try:
            self.world.clinic.do(
                self.world.expert, cases.step, case=self.case, to=to, kind="case.tried"
            )
        except (CaseStepNotAllowedError, OwnerMissingError, CaseUndecidedError):
            return
        raise AssertionError(to)

    @precondition(lambda self: self.case.status in service_draft.EDITABLE)
    @rule()
    def submit(self) -> None:
        """The physician fills in and submits."""
        self.case = submit_case(self.world, fill_in(self.world, self.case))
        self.is_with_clinic, self.was_sent = False, True

    @precondition(lambda self: self.was_sent and self.case.status is CaseStatus.ASSIGNED)
    @rule()
    def send_back(self) -> None:
        """The panel's leader sends it back for more of the history."""
        asked = ReturnItem(ItemKind.OTHER, "history")
        is_first = self.case.panel_id == self.world.panel_id
        by = self.world.leader if is_first else self.other
        self.case = send_back(self.world, self.case, asked, by=by)
        self.is_with_clinic = True
        assert self.case.owner_id in {self.world.physician.person, self.world.colleague.person}

    @precondition(lambda self: self.is_with_clinic)
    @rule()
    def nobody_sends_it_again(self) -> None:
        """The clock ends it."""
        assert self.world.clinic.later(days=60).system(returns.expire_returned) == 1
        self.case = self.world.clinic.do(self.world.physician, cases.get_case, case_id=self.case.id)
        self.is_with_clinic = False
        assert self.case.status is CaseStatus.EXPIRED

    @precondition(lambda self: self.was_sent and self.case.status in _WAITING)
    @rule()
    def send_to_another_panel(self) -> None:
        """To the other panel, or back to the first."""
        here, there = self.world.panel_id, self.other_panel_id
        to, by = (there, self.world.leader) if self.case.panel_id == here else (here, self.other)
        self.case = forward(self.world, self.case, to=to, by=by)
        owner = self.other if to == there else self.world.leader
        assert self.case.owner_id == owner.person

    @rule(who=st.sampled_from(["physician", "colleague", "expert", "leader"]))
    def somebody_leaves(self, who: str) -> None:
        """Her cases are handed over, or the leaving is refused."""
        leaver = getattr(self.world, who)
        heirs = {"physician": "colleague", "colleague": "physician", "expert": "leader"}
        successor = getattr(self.world, heirs.get(who, "expert"))
        try:
            moved = self.world.clinic.system(
                service_handover.rehome_cases,
                practitioner_id=leaver.person,
                institution_id=leaver.institution,
                successor_id=successor.person,
            )
        except (SuccessorNeededError, SuccessorNotEligibleError):
            return
        for case in moved:
            self.case = case
            assert case.owner_id != leaver.person

    @invariant()
    def an_open_case_has_exactly_one_accountable_person(self) -> None:
        """As stored, and as the last entry of the journal says."""
        stored = self.world.clinic.do(self.world.physician, cases.get_case, case_id=self.case.id)
        assert stored == self.case
        if is_open(stored.status):
            assert stored.owner_id in self.people
        else:
            assert stored.owner_id is None


@pytest.mark.timeout(180)
def test_every_open_case_has_exactly_one_accountable_person(sqlite_template: Path) -> None:
    AccountableMachine.template = sqlite_template
    run_state_machine_as_test(
        AccountableMachine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_case_that_nobody_answers_for_is_seen(sqlite_template: Path) -> None:
    AccountableMachine.template = sqlite_template
    machine = AccountableMachine()
    machine.begin()
    try:
        machine.an_open_case_has_exactly_one_accountable_person()
        forget = text("UPDATE cases SET owner_id = NULL")
        machine.world.clinic.units.write(lambda session: session.execute(forget).rowcount).result(
            timeout=20
        )
        machine.case = machine.world.clinic.do(
            machine.world.physician, cases.get_case, case_id=machine.case.id
        )
        with pytest.raises(AssertionError):
            machine.an_open_case_has_exactly_one_accountable_person()
    finally:
        machine.teardown()
