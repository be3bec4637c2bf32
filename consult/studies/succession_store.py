"""The only SQL of which object took the place of which."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import InstanceId
from consult.studies.tables import InstanceRow

_MOST = 50


def save_succession(
    session: Session, instance_id: str, *, successor_id: str | None, withdrawn_at: datetime | None
) -> None:
    """Keep which object corrects this one, and since when this one is not shown."""
    session.execute(
        update(InstanceRow)
        .where(InstanceRow.id == instance_id)
        .values(successor_id=successor_id, withdrawn_at=withdrawn_at)
    )
    session.expire_all()


def list_predecessors(session: Session, instance_id: str) -> list[InstanceId]:
    """The objects that this one corrected."""
    statement = select(InstanceRow.id).where(InstanceRow.successor_id == instance_id)
    return [InstanceId(found) for found in session.scalars(statement.limit(_MOST))]
