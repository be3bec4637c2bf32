"""Who may take a case that was read once: never who has read it before (Q-10, RPT-03)."""

from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Role, Work
from consult.queue import holding, store
from consult.queue.errors import AlreadyReadError, NotArbiterError, NotReviewerError
from consult.queue.model import FURTHER


def note_reader(work: Work, case: Case) -> None:
    """The actor has signed a reading of this case, and takes it no more."""
    store.save_reader(work.session, case.id, work.actor.person, at=work.now)


def has_read(work: Work, case: Case) -> bool:
    """Whether the actor has signed a reading of this case."""
    return work.actor.practitioner_id in store.list_readers(work.session, case.id)


def may_take(work: Work, case: Case) -> bool:
    """Whether this case, which waits for another reader, is the actor's to take."""
    try:
        require_turn(work, case)
    except (AlreadyReadError, NotArbiterError, NotReviewerError):
        return False
    return True


def require_turn(work: Work, case: Case) -> None:
    """Raise AlreadyReadError for those who have read it, and where others settle or review it.

    The panel's leader or a reviewer on it settles a difference (NotArbiterError); where the leader
    is one of the two readers, whoever else of the panel has not read it may. They alone review a
    report before it is released, and never their own (NotReviewerError).
    """
    if case.status not in FURTHER:
        return
    readers = store.list_readers(work.session, case.id)
    if work.actor.person in readers:
        raise AlreadyReadError(case.id)
    if case.status is CaseStatus.SECOND_READ or Role.REVIEWER in work.actor.roles:
        return
    leader_id = holding.panel_of(work, case).leader_id
    if work.actor.person == leader_id:
        return
    if case.status is CaseStatus.REPORT_REVIEW:
        raise NotReviewerError(case.id)
    if leader_id not in readers:
        raise NotArbiterError(case.id)
