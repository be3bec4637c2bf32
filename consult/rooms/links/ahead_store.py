"""The only SQL of links that are made for a session beforehand."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.rooms.links.ahead_table import AheadLinkRow
from consult.rooms.links.tables import LinkRow

MOST_AHEAD = 20


def list_of(session: Session, session_id: str) -> Sequence[AheadLinkRow]:
    """The links that were made for a session, in the order of their making."""
    statement = select(AheadLinkRow).where(AheadLinkRow.session_id == session_id)
    return session.scalars(statement.order_by(AheadLinkRow.id).limit(MOST_AHEAD)).all()


def find_by_token(session: Session, token_hash: str) -> AheadLinkRow | None:
    """The link that a token opens."""
    statement = select(AheadLinkRow).where(AheadLinkRow.token_hash == token_hash)
    return session.scalar(statement.execution_options(populate_existing=True))


def save_link(session: Session, row: AheadLinkRow) -> None:
    """Write a link."""
    session.add(row)
    session.flush()


def revoke(session: Session, link_id: str, *, session_id: str, at: datetime) -> bool:
    """Write that it was taken back; False where it had been, was used, or is of another session."""
    revoked = session.scalar(
        update(AheadLinkRow)
        .where(
            AheadLinkRow.id == link_id,
            AheadLinkRow.session_id == session_id,
            AheadLinkRow.revoked_at.is_(None),
            AheadLinkRow.used_at.is_(None),
        )
        .values(revoked_at=at)
        .returning(AheadLinkRow.id)
        .execution_options(synchronize_session=False)
    )
    return revoked is not None


def use_up(session: Session, link_id: str, *, into: LinkRow, at: datetime) -> bool:
    """Make it a link into the room, once; False where it was used or taken back before."""
    used = session.scalar(
        update(AheadLinkRow)
        .where(
            AheadLinkRow.id == link_id,
            AheadLinkRow.used_at.is_(None),
            AheadLinkRow.revoked_at.is_(None),
        )
        .values(used_at=at)
        .returning(AheadLinkRow.id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        return False
    try:
        with session.begin_nested():
            session.add(into)
    except IntegrityError:
        return False
    return True
