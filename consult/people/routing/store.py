"""The only SQL of capabilities and chains."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.kernel.ids import InstitutionId
from consult.people.routing.tables import CapabilityRow, ChainRow


def capabilities_of(
    session: Session, institution_ids: Collection[str]
) -> dict[InstitutionId, frozenset[str]]:
    """What these institutions can do."""
    statement = select(CapabilityRow.institution_id, CapabilityRow.code).where(
        CapabilityRow.institution_id.in_(sorted(institution_ids))
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for institution_id, code in session.execute(statement):
        found[institution_id].add(code)
    return {InstitutionId(each): frozenset(found[each]) for each in institution_ids}


def save_capabilities(
    session: Session, institution_id: str, codes: Collection[str], *, at: datetime
) -> None:
    """Put these in the place of what was written."""
    session.execute(delete(CapabilityRow).where(CapabilityRow.institution_id == institution_id))
    for code in sorted(codes):
        session.add(CapabilityRow(institution_id=institution_id, code=code, added_at=at))
    session.flush()


def find_chain(session: Session, institution_id: str) -> tuple[str | None, str | None]:
    """The second-level and the third-level hospital of a clinic's chain."""
    row = session.get(ChainRow, institution_id)
    return (None, None) if row is None else (row.second_id, row.third_id)


def save_chain(
    session: Session,
    institution_id: str,
    *,
    second_id: str | None,
    third_id: str | None,
    at: datetime,
) -> None:
    """Put this chain in the place of the one before."""
    session.execute(delete(ChainRow).where(ChainRow.institution_id == institution_id))
    row = ChainRow(
        institution_id=institution_id, second_id=second_id, third_id=third_id, changed_at=at
    )
    session.add(row)
    session.flush()
