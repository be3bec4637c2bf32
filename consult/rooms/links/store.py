"""The only SQL of links into rooms."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Work
from consult.rooms.links.model import MOST_LINKS, Identity, Link, LinkFor
from consult.rooms.links.tables import LinkRow


def list_links(work: Work, room_id: str) -> list[Link]:
    """The links into a room, in the order of their making."""
    statement = select(LinkRow).where(LinkRow.room_id == room_id).order_by(LinkRow.id)
    return [link_of(work, row) for row in work.session.scalars(statement.limit(MOST_LINKS))]


def list_guests(work: Work, room_ids: Sequence[str]) -> list[Link]:
    """Whoever used a link into one of these rooms, second devices left out."""
    statement = select(LinkRow).where(
        LinkRow.room_id.in_(room_ids),
        LinkRow.for_whom != LinkFor.COMPANION,
        LinkRow.used_at.is_not(None),
    )
    found = work.session.scalars(statement.order_by(LinkRow.id).limit(MOST_LINKS * 10))
    return [link_of(work, row) for row in found]


def find_by_token(work: Work, token_hash: str) -> Link | None:
    """The link that a token opens."""
    row = _find(work.session, LinkRow.token_hash == token_hash)
    return None if row is None else link_of(work, row)


def find_by_session(work: Work, session_hash: str) -> Link | None:
    """The link that the browser with this cookie used up."""
    row = _find(work.session, LinkRow.session_hash == session_hash)
    return None if row is None else link_of(work, row)


def find_link(work: Work, link_id: str) -> Link | None:
    """One link by its id."""
    row = _find(work.session, LinkRow.id == link_id)
    return None if row is None else link_of(work, row)


def use_up(session: Session, link_id: str, *, session_hash: str, at: datetime) -> bool:
    """Write by which browser it was used; False where it was before, or opens no more."""
    used = session.scalar(
        update(LinkRow)
        .where(
            LinkRow.id == link_id,
            LinkRow.used_at.is_(None),
            LinkRow.revoked_at.is_(None),
            LinkRow.expires_at > at,
        )
        .values(used_at=at, session_hash=session_hash)
        .returning(LinkRow.id)
        .execution_options(synchronize_session=False)
    )
    return used is not None


def revoke(session: Session, link_id: str, *, at: datetime) -> bool:
    """Write that it was taken back; False where it had been."""
    revoked = session.scalar(
        update(LinkRow)
        .where(LinkRow.id == link_id, LinkRow.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(LinkRow.id)
        .execution_options(synchronize_session=False)
    )
    return revoked is not None


def count_try(session: Session, link_id: str, *, before: int) -> bool:
    """Spend one try; False where another request spent it first."""
    spent = session.scalar(
        update(LinkRow)
        .where(LinkRow.id == link_id, LinkRow.tries == before)
        .values(tries=before + 1)
        .returning(LinkRow.id)
        .execution_options(synchronize_session=False)
    )
    return spent is not None


def save_identity(work: Work, link_id: str, identity: Identity, name: str) -> None:
    """Write what came of the question, and by what name the room calls her."""
    sealed = work.vault.seal(name, purpose=_purpose(link_id)) if name else None
    work.session.execute(
        update(LinkRow)
        .where(LinkRow.id == link_id)
        .values(identity=identity, name=sealed)
        .execution_options(synchronize_session=False)
    )


def link_of(work: Work, row: LinkRow) -> Link:
    """The link without its hashes."""
    name = "" if row.name is None else work.vault.open(row.name, purpose=_purpose(row.id))
    return Link(
        id=row.id,
        room_id=row.room_id,
        for_whom=row.for_whom,
        person_id=row.person_id,
        institution_id=InstitutionId(row.institution_id),
        made_by=PractitionerId(row.made_by),
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        tries=row.tries,
        identity=row.identity,
        name=name,
    )


def _find(session: Session, condition: ColumnElement[bool]) -> LinkRow | None:
    statement = select(LinkRow).where(condition)
    return session.scalar(statement.execution_options(populate_existing=True))


def _purpose(link_id: str) -> str:
    return f"room guest:{link_id}"
