"""Over any order of events every open case has exactly one accountable person (Q-12)."""

import tempfile
from datetime import timedelta
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

from consult.cases import answering, service_draft, store
from consult.cases import service as cases
from consult.cases.errors import (
    LastPhysicianError,
    OwnerMissingError,
    SuccessorNeededError,
)
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
from consult.kernel.work import Actor, Role, Work
from consult.people.organisations import panels
from consult.people.practitioners import affiliations
from consult.people.practitioners.errors import LeadsPanelError
from consult.people.practitioners.model import Affiliation
from consult.referrals import service_handover
from tests.makers.cases import (
    CONSULTATION_ANSWERS,
    citizen_number,
    give_consent,
    make_draft,
    make_patient,
    save_answers,
)
from tests.makers.cases import submit as submit_case
from tests.makers.clinic import open_clinic
from tests.makers.consortium import Consortium, make_consortium
from tests.makers.returns import add_person, forward, second_panel, send_back

_NAMED = frozenset(
    {
        Accountable.SECOND_READER,
        Accountable.ARBITER,
        Accountable.REVIEWER,
        Accountable.REFERRAL_DESK,
    }
)

_WAITING = {CaseStatus.ASSIGNED, CaseStatus.DECLINED}
_STAYS = (SuccessorNeededError, LastPhysicianError, LeadsPanelError)
_LAST_DAY = text("UPDATE affiliations SET until_on = :day WHERE id = :id")


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
        self.gone: set[str] = set()
        reviewer = add_person(self.world, "pan", Role.REVIEWER, at=self.world.lead_id)
        desk = add_person(self.world, "xu", Role.REFERRAL_DESK, at=self.world.centre_id)
        reader = self.world.leader
        self.named = {
            Accountable.SECOND_READER: reader.person,
            Accountable.ARBITER: reviewer.person,
            Accountable.REVIEWER: reviewer.person,
            Accountable.REFERRAL_DESK: desk.person,
        }
        self.people |= set(self.named.values())

    def teardown(self) -> None:
        """Close the database."""
        self.opened.__exit__(None, None, None)
        self.folder.cleanup()

    @rule(pick=st.integers(0, 30), by=st.sampled_from(["physician", "leader", "expert"]))
    def take_any_step_of_the_table(self, pick: int, by: str) -> None:
        """One of the allowed steps, by anybody."""
        choices = sorted(NEXT_STATUS[self.case.status])
        if not choices or self.is_with_clinic or by in self.gone:
            return
        to = choices[pick % len(choices)]
        part = ACCOUNTABLE[to]
        is_experts = part is Accountable.EXPERT and by == "physician"
        if is_experts or (part is Accountable.SECOND_READER and "leader" in self.gone):
            return
        named = PractitionerId(self.named[part]) if part in _NAMED else None
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
        """A physician who is there fills in and submits."""
        there = [who for who in ("physician", "colleague") if who not in self.gone]
        if not there:
            return
        by = getattr(self.world, there[0])
        filled = save_answers(self.world, self.case, CONSULTATION_ANSWERS, by=by)
        self.case = submit_case(self.world, filled, by=by)
        self.is_with_clinic, self.was_sent = False, True

    @precondition(lambda self: self.was_sent and self.case.status is CaseStatus.ASSIGNED)
    @rule()
    def send_back(self) -> None:
        """The panel's leader sends it back for more of the history."""
        asked = ReturnItem(ItemKind.OTHER, "history")
        is_first = self.case.panel_id == self.world.panel_id
        by = self.world.leader if is_first else self.other
        if is_first and "leader" in self.gone:
            return
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
        if "leader" in self.gone:
            return
        here, there = self.world.panel_id, self.other_panel_id
        to, by = (there, self.world.leader) if self.case.panel_id == here else (here, self.other)
        self.case = forward(self.world, self.case, to=to, by=by)
        owner = self.other if to == there else self.world.leader
        assert self.case.owner_id == owner.person

    @rule(who=st.sampled_from(["physician", "colleague", "expert", "leader"]))
    def somebody_leaves(self, who: str) -> None:
        """Her cases are handed over, or the leaving is refused."""
        for place in self._places(getattr(self.world, who)):
            self._stop(place, who)
        self.read_again()

    @rule(who=st.sampled_from(["physician", "colleague", "expert", "leader"]))
    def a_last_day_passes(self, who: str) -> None:
        """The clock hands over what it can, and notes what it cannot."""
        yesterday = self.world.clinic.now.date() - timedelta(days=1)
        for place in self._places(getattr(self.world, who)):
            told = {"day": yesterday, "id": place.id}
            units = self.world.clinic.units
            units.write(
                lambda session, told=told: session.execute(_LAST_DAY, told).rowcount
            ).result(timeout=20)
            self.gone.add(who)
        self._let_the_clock_run()

    @rule(who=st.sampled_from(["physician", "colleague", "expert"]))
    def somebody_comes_back(self, who: str) -> None:
        """She has a place again, and the clock goes on."""
        actor = getattr(self.world, who)
        if self._places(actor):
            return
        again = affiliations.NewAffiliation(actor.institution, actor.roles)
        self.world.clinic.system(
            affiliations.add_affiliation, practitioner_id=actor.person, new=again
        )
        self.gone.discard(who)
        self._let_the_clock_run()

    def _places(self, actor: Actor) -> list[Affiliation]:
        found = self.world.clinic.system(
            affiliations.list_affiliations, practitioner_ids=[actor.person]
        )
        return [place for place in found if place.stopped_at is None]

    def _stop(self, place: Affiliation, who: str) -> None:
        try:
            self.world.clinic.system(
                service_handover.stop_affiliation, affiliation_id=place.id, revision=place.revision
            )
        except _STAYS:
            return
        self.gone.add(who)

    def _let_the_clock_run(self) -> None:
        named = {getattr(self.world, who).person: who for who in sorted(self.gone)}
        for place in self.world.clinic.system(affiliations.list_over, limit=9):
            self._stop(place, named[place.practitioner_id])
        self.world.clinic.system(panels.note_leaderless)
        self.world.clinic.system(answering.note_without_physician)
        self.read_again()

    def read_again(self) -> None:
        """The case as it is stored now."""
        self.case = self.world.clinic.system(_stored, case_id=self.case.id)

    @invariant()
    def an_open_case_has_exactly_one_accountable_person(self) -> None:
        """As stored; she works there today, or the administrator is shown that nobody does."""
        stored = self.world.clinic.system(_stored, case_id=self.case.id)
        assert stored == self.case
        if is_open(stored.status):
            assert stored.owner_id in self.people
        else:
            assert stored.owner_id is None
        do = self.world.clinic.system
        if not do(answering.is_answered_for, case=stored):
            if ACCOUNTABLE[stored.status] is Accountable.REQUESTING_PHYSICIAN:
                shown = [each.id for each in do(answering.list_without_physician)]
                assert stored.institution_id in shown
            else:
                assert stored.panel_id in [each.id for each in do(panels.list_leaderless)]


def _stored(work: Work, *, case_id: str) -> Case:
    found = store.find_case(work, case_id)
    assert found is not None
    return found


@pytest.mark.timeout(180)
def test_every_open_case_has_exactly_one_accountable_person(sqlite_template: Path) -> None:
    AccountableMachine.template = sqlite_template
    run_state_machine_as_test(
        AccountableMachine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
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


def test_a_case_whose_owner_works_there_no_more_is_seen(sqlite_template: Path) -> None:
    AccountableMachine.template = sqlite_template
    machine = AccountableMachine()
    machine.begin()
    try:
        machine.an_open_case_has_exactly_one_accountable_person()
        stranger = machine.world.photographer.person
        machine.people.add(stranger)
        give = text("UPDATE cases SET owner_id = :who")
        machine.world.clinic.units.write(
            lambda session: session.execute(give, {"who": stranger}).rowcount
        ).result(timeout=20)
        machine.read_again()
        with pytest.raises(AssertionError):
            machine.an_open_case_has_exactly_one_accountable_person()
    finally:
        machine.teardown()
