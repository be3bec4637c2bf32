"""Cases for whoever supervises: those of the own institution, and of supervised consortia."""

from collections.abc import Sequence
from dataclasses import replace

from consult.access import oversight, policy
from consult.access.model import ObjectType
from consult.cases import oversight_store as store
from consult.cases import service as cases
from consult.cases.events import case_entry, case_ref
from consult.cases.model import Case
from consult.cases.oversight_store import Filter
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import ConsortiumId
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution

LONGEST_LIST = 50


def list_overseen(work: Work, wanted: Filter) -> tuple[Sequence[Case], bool]:
    """One page of submitted cases, newest first, and whether there are older ones."""
    found = store.list_submitted(
        work,
        wanted,
        visible=policy.visible_ids(work, ObjectType.CASE),
        overseen=oversight.overseen_ids(work),
        limit=LONGEST_LIST + 1,
    )
    return found[:LONGEST_LIST], len(found) > LONGEST_LIST


def get_overseen(work: Work, case_id: str) -> Case:
    """A case whose single page the actor may see; NotFoundError otherwise, and for a draft."""
    is_seen = policy.may_see(work.session, work.actor, case_ref(case_id), now=work.now)
    overseen = oversight.overseen_ids(work)
    if not is_seen and not store.is_overseen(work, case_id, overseen=overseen):
        raise NotFoundError
    case = cases.get_case(replace(work, actor=SYSTEM), case_id)
    if case.submitted_at is None:
        raise NotFoundError
    return case


def institutions_in_reach(work: Work) -> list[Institution]:
    """The institutions that the actor may see anyway, and the members of supervised consortia."""
    supervised = frozenset(map(ConsortiumId, work.session.scalars(oversight.overseen_ids(work))))
    actor = replace(work.actor, consortium_ids=work.actor.consortium_ids | supervised)
    return organisations.list_institutions(replace(work, actor=actor))


def note_overseen(work: Work, case: Case) -> None:
    """Write down that the single page of a case was looked at."""
    work.journal(case_entry(case, "case.overseen"))
