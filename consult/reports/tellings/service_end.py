"""How telling a patient ends: told, refused, elsewhere, lost; singly or many together (U5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from consult.cases import service as cases
from consult.cases.model import Case, CaseEvent, CaseStatus, require_event
from consult.cases.service import Said
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports import store as report_store
from consult.reports.alerts.service import is_waiting
from consult.reports.tellings import keeping, store
from consult.reports.tellings.calls import days_of
from consult.reports.tellings.errors import (
    CallsTooFewError,
    RiskUntoldError,
    TellingSinglyError,
    TellingUnreceivedError,
)
from consult.reports.tellings.model import (
    ENDS,
    KNOWS,
    RiskSaid,
    Telling,
    TellingKind,
    TellingRules,
    TellingState,
    TellingWay,
    Tries,
)
from consult.reports.tellings.service import LONGEST_NOTE, get_telling, require_open
from consult.reports.versions import NextStep


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, as somebody tells: how the patient was told, or why she was not."""

    state: TellingState
    way: TellingWay | None = None
    reason: str = field(default="", repr=False)
    risk: RiskSaid | None = None


def end_telling(
    work: Work, *, case_id: str, revision: int, said: Outcome, rules: TellingRules
) -> Telling:
    """Say what came of it; a case that waited for nothing else is closed by it.

    Raises TellingUnreceivedError where nobody here has read the version, RiskUntoldError for a
    refusal without a word about the risk, CallsTooFewError for a patient not called enough.
    """
    case, telling = require_open(work, case_id, revision)
    _require_received(work, case, telling)
    told = _checked(work, telling, said, rules=rules)
    return _end(work, case, telling, told)


def tell_together(
    work: Work, *, case_ids: Sequence[str], way: TellingWay, rules: TellingRules
) -> int:
    """Say of many that they were told an unremarkable answer, all or none; says how many.

    Whom a colleague has told meanwhile is passed over. Raises TellingSinglyError for one who is
    told by herself.
    """
    if len(case_ids) > rules.most:
        raise RefusedError("field-too-long", field="case_ids", limit=rules.most)
    count = 0
    for case_id in dict.fromkeys(case_ids):
        case, telling = get_telling(work, case_id)
        if telling.kind is not TellingKind.PLAIN:
            raise TellingSinglyError(case.number)
        if telling.is_open:
            _require_received(work, case, telling)
            _end(work, case, telling, Outcome(TellingState.TOLD, way))
            count += 1
    return count


def end_with_referral(work: Work, case: Case, *, said: Outcome) -> None:
    """How a referral came out says what the patient knows: her open task is done by it."""
    telling = store.find_open(work.session, case.id)
    if telling is not None:
        _end(work, case, telling, said)


def is_to_be_referred(work: Work, case: Case) -> bool:
    """Whether the newest decision on a case is to refer its patient."""
    decisions = report_store.list_decisions(work.session, case.id)
    return bool(decisions) and decisions[0].next_step is NextStep.REFER


def count_tries(work: Work, telling: Telling, *, rules: TellingRules) -> Tries:
    """The calls in vain about a task."""
    zone = organisations.get_institution(work, telling.institution_id).zone
    calls = [call for call in store.list_calls(work.session, [telling.id]) if call.is_in_vain]
    return Tries(len(calls), len(days_of(calls, zone=zone)), rules)


def _require_received(work: Work, case: Case, telling: Telling) -> None:
    if report_store.find_receipt(work.session, telling.report_id) is None:
        raise TellingUnreceivedError(case.id)


def _checked(work: Work, telling: Telling, said: Outcome, *, rules: TellingRules) -> Outcome:
    """What was said, where the rules let it stand."""
    if said.state not in ENDS:
        raise RefusedError("field-not-a-choice", field="state")
    if said.state in KNOWS and said.way is None:
        raise RefusedError("field-missing", field="way")
    reason = said.reason.strip()
    if len(reason) > LONGEST_NOTE:
        raise RefusedError("field-too-long", field="reason", limit=LONGEST_NOTE)
    if said.state is not TellingState.TOLD and not reason:
        raise RefusedError("field-missing", field="reason")
    is_refused = said.state is TellingState.REFUSED
    if is_refused and said.risk is None:
        raise RiskUntoldError
    if said.state is TellingState.LOST:
        tries = count_tries(work, telling, rules=rules)
        if not tries.is_enough:
            raise CallsTooFewError(tries)
    return Outcome(
        state=said.state,
        way=said.way if said.state in KNOWS else None,
        reason=reason,
        risk=said.risk if is_refused else None,
    )


def _end(work: Work, case: Case, telling: Telling, said: Outcome) -> Telling:
    ended = replace(
        telling,
        state=said.state,
        way=said.way,
        reason=said.reason,
        risk=said.risk,
        ended_at=work.now,
        ended_by_id=work.actor.person,
    )
    moved = keeping.move(work, telling, ended)
    by = Said(
        codes={
            "state": said.state.value,
            "way": None if said.way is None else said.way.value,
            "risk": None if said.risk is None else said.risk.value,
        },
        words={"reason": said.reason} if said.reason else {},
    )
    if said.state in KNOWS:
        require_event(case, event=CaseEvent.TOLD)
        codes = keeping.codes_of(work, moved, by)
        told = Said(codes=codes, words=by.words)
        case = cases.change(work, case, kind="case.told", said=told, told=True)
    else:
        keeping.tell(work, case, moved, "telling.ended", by)
    _close_where_decided(work, case)
    return moved


def _close_where_decided(work: Work, case: Case) -> None:
    """Close a case whose decision was to close it, and that waited for this alone."""
    if case.status is not CaseStatus.ACKNOWLEDGED or is_waiting(work, case):
        return
    newest = report_store.list_of_case(work.session, case.id)[0]
    decided = report_store.list_decisions(work.session, case.id)[:1]
    if any((each.report_id, each.next_step) == (newest.id, NextStep.CLOSE) for each in decided):
        cases.step(work, case, CaseStatus.CLOSED, kind="case.closed", closed_at=work.now)
