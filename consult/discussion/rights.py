"""Who may read a case's discussion, and who may write in it: asked here and nowhere else."""

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, is_open
from consult.discussion.errors import DiscussionClosedError
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work
from consult.queue import further
from consult.reports.second.matters import SecondRules, is_hidden


def is_blind(work: Work, case: Case, second: SecondRules | None) -> bool:
    """Whether the actor may come to read the case second, and must not know what was said (Q-10).

    On the side that reads, that is everybody but the one who reads first.
    """
    if work.actor.institution_id != case.invited_institution_id or not is_hidden(case, second):
        return False
    if case.status is CaseStatus.SECOND_READ:
        return not further.has_read(work, case)
    return case.owner_id != work.actor.practitioner_id


def may_read_discussion(work: Work, case: Case, *, second: SecondRules | None) -> bool:
    """Whether the actor, who may see the case, stands on one of its two sides.

    Whoever reads second reads blind: nothing that was said of the case is before her until she has
    signed. A hospital to which the patient was referred is no side of the discussion.
    """
    sides = {case.institution_id, case.invited_institution_id}
    is_of_a_side = work.actor.institution_id in sides
    return case.submitted_at is not None and is_of_a_side and not is_blind(work, case, second)


def may_write(work: Work, case: Case, *, second: SecondRules | None) -> bool:
    """Whether the actor may add to it: nothing is written on a case that has ended."""
    return is_open(case.status) and may_read_discussion(work, case, second=second)


def get_readable(work: Work, case_id: str, *, second: SecondRules | None) -> Case:
    """The case; raises NotFoundError, or DiscussionClosedError before it was submitted."""
    case = cases.get_case(work, case_id)
    if case.submitted_at is None:
        raise DiscussionClosedError(case.id)
    if not may_read_discussion(work, case, second=second):
        raise NotFoundError
    return case


def get_writable(work: Work, case_id: str, *, second: SecondRules | None) -> Case:
    """The case; raises as `get_readable`, and DiscussionClosedError where it has ended."""
    case = get_readable(work, case_id, second=second)
    if not may_write(work, case, second=second):
        raise DiscussionClosedError(case.id)
    return case
