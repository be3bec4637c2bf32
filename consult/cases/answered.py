"""The cases of an institution whose answer nobody there has received yet."""

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import store
from consult.cases.model import Case, CaseStatus
from consult.cases.tables import CaseRow
from consult.kernel.work import Work


def list_answered(work: Work, *, limit: int) -> list[Case]:
    """The acting institution's cases with a signed report that waits, the oldest first."""
    return store.list_oldest(
        work,
        institution_id=work.actor.institution,
        statuses={CaseStatus.REPORTED},
        seen=policy.seen_clause(work, ObjectType.CASE, CaseRow.id),
        limit=limit,
    )


def count_answered(work: Work) -> int:
    """How many there are."""
    return store.count_seen(
        work,
        institution_id=work.actor.institution,
        statuses={CaseStatus.REPORTED},
        seen=policy.seen_clause(work, ObjectType.CASE, CaseRow.id),
    )
