"""The only SQL over cases that were read twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from consult.cases.tables import CaseRow
from consult.dossiers.statistics_store import Cohort
from consult.kernel.ids import PractitionerId
from consult.reports.second.model import Part
from consult.reports.second.tables import HeldRow

_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """One signed reading and its author."""

    author_id: PractitionerId
    canonical: bytes


def read_twice(session: Session, cohort: Cohort) -> Iterable[tuple[Reading, Reading]]:
    """The first and the second reading of each case that has both, some at a time."""
    first, second = aliased(HeldRow), aliased(HeldRow)
    statement = (
        select(first.author_id, first.canonical, second.author_id, second.canonical)
        .join(second, and_(second.case_id == first.case_id, second.part == Part.SECOND))
        .where(first.part == Part.FIRST, first.case_id.in_(cohort.over(CaseRow.id)))
        .order_by(first.case_id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for one_id, one, other_id, other in session.execute(statement):
        yield Reading(PractitionerId(one_id), one), Reading(PractitionerId(other_id), other)
