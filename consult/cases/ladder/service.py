"""The marks of a case's promised times: laid when it is sent, told once, forgotten when settled."""

from consult.cases.ladder import store
from consult.cases.ladder.model import RESTING, RUNNING, Mark, Rung, Term, make_marks
from consult.cases.model import Case
from consult.cases.promise import Promise, PromiseRules
from consult.cases.working_days import Reckoning
from consult.kernel.work import Work

LONGEST_LIST = 50


def lay_marks(
    work: Work, case: Case, promise: Promise, *, rules: PromiseRules, reckoning: Reckoning
) -> None:
    """What is told of a promise, at the times that hold from this submission on."""
    span = rules.spans[case.priority]
    marks = make_marks(case.id, promise, rules=rules, span=span, reckoning=reckoning)
    store.save_marks(work.session, case.id, marks, now=work.now)


def lay_for_backup(work: Work, case: Case, *, rules: PromiseRules, reckoning: Reckoning) -> None:
    """The leader of the panel to which a case was handed on has one more time until she is told."""
    due_at = reckoning.after(work.now, rules.spans[case.priority].accept)
    store.save_again(work.session, Mark(case.id, Term.ACCEPT, Rung.LEADER, due_at))


def list_due(work: Work) -> list[Mark]:
    """What is to be told now."""
    return store.list_due(work.session, now=work.now, limit=LONGEST_LIST)


def take_mark(work: Work, mark: Mark, case: Case | None) -> bool:
    """Whether a due mark is to be told, by this unit and no other, because its time still runs.

    It rests while somebody holds the case, who may let it go. One whose time stands still or is
    over is forgotten: a case that comes back from the clinic has new ones.
    """
    if case is not None and case.status in RESTING.get(mark.term, ()):
        return False
    if case is None or case.status not in RUNNING[mark.term]:
        store.delete_mark(work.session, mark)
        return False
    return store.save_told(work.session, mark, at=work.now)
