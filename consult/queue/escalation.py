"""Who is told of a promised time that runs out: the holder, the leader, the backup panel (Q-04)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consult.cases import service as cases
from consult.cases.events import case_entry
from consult.cases.ladder import service as ladder
from consult.cases.ladder.model import Mark, Rung, Term
from consult.cases.model import Case
from consult.cases.rules import CaseRules
from consult.cases.service import Said
from consult.cases.service_urgency import reckoning_of
from consult.kernel.errors import Fact
from consult.kernel.work import Work
from consult.people.organisations import backups, panels
from consult.people.organisations.model import PanelChoice
from consult.queue import holding, service_leader

KINDS: Final[Mapping[tuple[Term, Rung], str]] = MappingProxyType(
    {
        (Term.ACCEPT, Rung.REMIND): "case.accept_near",
        (Term.ACCEPT, Rung.LEADER): "case.accept_missed",
        (Term.REPORT, Rung.REMIND): "case.report_near",
        (Term.REPORT, Rung.LEADER): "case.report_missed",
    }
)
PROMISE_MISSED: Final = "promise_missed"
NO_BACKUP: Final = "case.backup_missing"


def tell_due(work: Work, *, mark: Mark, rules: CaseRules) -> bool:
    """Tell of one due mark, once (a clock's step); False where it need not be told any more."""
    case = cases.get_case(work, mark.case_id)
    if not ladder.take_mark(work, mark, case):
        return False
    if mark.rung is Rung.BACKUP:
        _hand_on(work, mark, case, rules=rules)
        return True
    to = case.owner_id
    if mark.rung is Rung.LEADER and case.panel_id is not None:
        to = holding.answering(work, holding.panel_of(work, case))
    codes = {**_codes(mark, to=to), "panel": case.panel_id}
    work.journal(case_entry(case, KINDS[mark.term, mark.rung], codes=codes))
    return True


def _hand_on(work: Work, mark: Mark, case: Case, *, rules: CaseRules) -> None:
    """Put a case that nobody has taken before the backup panel, or say that none may have it."""
    choice = _backup_of(work, case)
    if choice is None:
        work.journal(case_entry(case, NO_BACKUP, codes=_codes(mark, to=case.owner_id)))
        return
    said = Said(codes=_codes(mark, to=holding.answering(work, choice.panel)), reason=PROMISE_MISSED)
    after = service_leader.put_before(work, case, choice, said=said)
    reckoning = reckoning_of(work, after, rules=rules)
    ladder.lay_for_backup(work, after, rules=rules.promises, reckoning=reckoning)


def _backup_of(work: Work, case: Case) -> PanelChoice | None:
    """The backup of the case's panel, with a leader, and an agreement that lets the case go."""
    backup_id = None if case.panel_id is None else backups.find_backup(work, case.panel_id)
    found = service_leader.list_open_to(work, case)
    choice = next((each for each in found if each.panel.id == backup_id), None)
    return choice if choice is not None and panels.has_leader(work, choice.panel) else None


def _codes(mark: Mark, *, to: str | None) -> Mapping[str, Fact]:
    return {"term": mark.term, "rung": mark.rung, "due_at": mark.due_at.isoformat(), "to": to}
