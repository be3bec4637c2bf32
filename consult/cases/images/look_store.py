"""The only SQL that tells in which case a stored object stands."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.cases.images.tables import CaseImageRow


def find_case_of(session: Session, instance_id: str) -> str | None:
    """The newest case in which the instance stands."""
    statement = (
        select(CaseImageRow.case_id)
        .where(CaseImageRow.instance_id == instance_id, CaseImageRow.removed_at.is_(None))
        .order_by(CaseImageRow.id.desc())
        .limit(1)
    )
    return session.scalar(statement)
