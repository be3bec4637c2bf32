"""Patients who are told what was found, for tests: all through the services."""

from functools import cache
from typing import Any

from consult.cases.model import ServiceType
from consult.kernel.work import Actor, Work
from consult.reports import service_decide
from consult.reports.after_rules import AfterRules
from consult.reports.service_decide import Decided
from consult.reports.tellings import service as tellings
from consult.reports.tellings import service_end as telling_ends
from consult.reports.tellings import store
from consult.reports.tellings.model import (
    Telling,
    TellingRules,
    TellingState,
    TellingView,
    TellingWay,
)
from consult.reports.tellings.service_end import Outcome
from consult.reports.versions import Choice, Decision, NextStep
from tests.makers.consortium import Consortium
from tests.makers.reports import report_rules


@cache
def telling_rules() -> TellingRules:
    """How soon a patient is told in config/."""
    return after_rules().tellings


@cache
def after_rules() -> AfterRules:
    """What follows a decision in config/."""
    return report_rules(ServiceType.SCREENING_READ).after


def decide(
    world: Consortium, case_id: str, next_step: NextStep, *, by: Actor | None = None, **said: Any
) -> Decision:
    """Record the physician's decision."""
    told: dict[str, Any] = {"choice": Choice.ACCEPTED, **said}
    return world.clinic.do(
        by or world.physician,
        service_decide.decide_case,
        case_id=case_id,
        said=Decided(next_step=next_step, **told),
        rules=after_rules(),
    )


def tell_patient(
    world: Consortium,
    case_id: str,
    said: Outcome | None = None,
    *,
    by: Actor | None = None,
    revision: int | None = None,
) -> Telling:
    """Say what came of telling the patient of a case; in person unless it is said otherwise."""
    newest = tellings_of(world, case_id)[0]
    return world.clinic.do(
        by or world.physician,
        telling_ends.end_telling,
        case_id=case_id,
        revision=newest.revision if revision is None else revision,
        said=said or Outcome(TellingState.TOLD, TellingWay.IN_PERSON),
        rules=telling_rules(),
    )


def tellings_of(world: Consortium, case_id: str) -> list[Telling]:
    """Every task of a case, the newest first."""

    def read(work: Work) -> list[Telling]:
        return store.list_of_case(work.session, case_id)

    return world.clinic.system(read)


def to_be_told(world: Consortium, *, by: Actor | None = None) -> list[Telling]:
    """The list of the physician's institution."""
    return world.clinic.do(by or world.physician, tellings.list_tellings, view=TellingView.OPEN)
