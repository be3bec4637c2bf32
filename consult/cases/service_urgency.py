"""Another urgency for a case that waits: what was promised follows it (Q-06)."""

from dataclasses import replace
from datetime import datetime

from consult.cases import service as cases
from consult.cases.drafts import require_reason
from consult.cases.errors import CaseChangedError
from consult.cases.ladder import service as ladder
from consult.cases.model import Case, Priority
from consult.cases.promise import make_promise
from consult.cases.rules import CaseRules
from consult.cases.working_days import Reckoning
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations import zones

_IN_ORDER = tuple(Priority)


def set_waiting_urgency(
    work: Work, case: Case, *, priority: Priority, reason: str, rules: CaseRules
) -> Case:
    """Give a case that was sent another urgency; whoever calls has asked who may.

    More pressing, it is promised sooner, counted from now; less pressing, never sooner than before.
    """
    if priority is case.priority:
        raise RefusedError("field-not-a-choice", field="priority")
    if case.accept_by is None or case.report_by is None:
        raise CaseChangedError(case.id, have=case.revision, want=case.revision)
    words = require_reason(reason)
    wanted = replace(case, priority=priority)
    reckoning = reckoning_of(work, wanted, rules=rules)
    fresh = make_promise(
        rules.promises, priority=priority, submitted_at=work.now, reckoning=reckoning
    )
    is_sooner = _IN_ORDER.index(priority) < _IN_ORDER.index(case.priority)
    promise = replace(
        fresh,
        accept_by=_meet(case.accept_by, fresh.accept_by, is_sooner=is_sooner),
        report_by=_meet(case.report_by, fresh.report_by, is_sooner=is_sooner),
    )
    after = cases.change(
        work,
        case,
        kind="case.priority_overridden",
        said=cases.Said(
            codes={
                "proposed_by": case.priority_rule,
                "priority": priority,
                "before": case.priority,
                "accept_by": promise.accept_by.isoformat(),
                "report_by": promise.report_by.isoformat(),
                "promise_version": promise.rule_version,
            },
            words={"reason": words},
        ),
        priority=priority,
        priority_override_reason=words,
        accept_by=promise.accept_by,
        report_by=promise.report_by,
    )
    ladder.lay_marks(work, after, promise, rules=rules.promises, reckoning=reckoning)
    return after


def reckoning_of(work: Work, case: Case, *, rules: CaseRules) -> Reckoning:
    """How promised time runs where the case is answered."""
    place_id = case.invited_institution_id or case.institution_id
    zone = organisations.get_institution(work, place_id).zone
    zones.keep_zone(work.session, zone)
    return rules.promises.reckoning(rules.days, priority=case.priority, zone=zone)


def _meet(before: datetime, fresh: datetime, *, is_sooner: bool) -> datetime:
    return min(before, fresh) if is_sooner else max(before, fresh)
