"""The only SQL of peers of the DICOM network."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.db.reading import lasting
from consult.kernel.ids import InstitutionId
from consult.studies.peers.errors import PeerTitleTakenError
from consult.studies.peers.model import Peer
from consult.studies.peers.tables import PeerRow

_MOST_LISTED = 500


def save_peer(session: Session, row: PeerRow) -> None:
    """Write a new peer; raises PeerTitleTakenError."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise PeerTitleTakenError from None


def find_by_title(session: Session, title: str) -> Peer | None:
    """The peer that comes in under this title."""
    row = session.scalar(select(PeerRow).where(PeerRow.title == title))
    return None if row is None else _as_peer(row)


def find_peer(session: Session, peer_id: str) -> Peer | None:
    """The peer with this id."""
    return lasting(session, ("peer", peer_id), lambda: _find(session, peer_id))


def _find(session: Session, peer_id: str) -> Peer | None:
    row = session.get(PeerRow, peer_id, populate_existing=True)
    return None if row is None else _as_peer(row)


def list_peers(session: Session, institution_ids: Collection[str]) -> list[Peer]:
    """The peers of these institutions, by title."""
    statement = (
        select(PeerRow)
        .where(PeerRow.institution_id.in_(sorted(institution_ids)))
        .order_by(PeerRow.title, PeerRow.id)
        .limit(_MOST_LISTED)
    )
    return [_as_peer(row) for row in session.scalars(statement)]


def delete_peer(session: Session, peer_id: str) -> None:
    """Let it in no more; the journal remembers it."""
    session.execute(delete(PeerRow).where(PeerRow.id == peer_id))


def _as_peer(row: PeerRow) -> Peer:
    return Peer(
        id=row.id,
        institution_id=InstitutionId(row.institution_id),
        title=row.title,
        network=row.network,
        host=row.host,
        port=row.port,
        may_store=row.may_store,
        may_query=row.may_query,
        charset=row.charset,
        added_at=row.added_at,
        over_tls=row.over_tls,
        certificate=row.certificate,
    )
