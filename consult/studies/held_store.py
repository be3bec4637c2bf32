"""Facts about stored objects that are asked for, or found out, after they came in."""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.studies.tables import InstanceRow


def held_hashes(
    session: Session, *, institution_id: str, hashes: Collection[str]
) -> frozenset[str]:
    """Which of these hashes of received files the institution holds."""
    statement = select(InstanceRow.source_sha256).where(
        InstanceRow.institution_id == institution_id,
        InstanceRow.source_sha256.in_(sorted(hashes)),
    )
    return frozenset(session.scalars(statement))


def save_decoding(session: Session, instance_id: str, said: str) -> None:
    """Keep what two decoders said."""
    session.execute(update(InstanceRow).where(InstanceRow.id == instance_id).values(decoding=said))
