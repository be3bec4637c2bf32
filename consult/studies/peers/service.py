"""Who of the DICOM network may come in, for which institution, and what for."""

from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.kernel.ids import InstitutionId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.studies.peers import store
from consult.studies.peers.model import Peer, PeerForm, problems_of
from consult.studies.peers.tables import PeerRow


def add_peer(work: Work, *, form: PeerForm) -> Peer:
    """Put a machine on the list, for an institution within the administrator's reach.

    Raises FormRefusedError, PeerTitleTakenError, NotFoundError for a foreign institution, and
    RefusedError for one that no longer takes part.
    """
    problems = problems_of(form)
    if problems:
        raise FormRefusedError(problems)
    if form.institution_id not in _reach(work):
        raise NotFoundError
    if not _takes_part(work, InstitutionId(form.institution_id)):
        raise RefusedError("institution-stopped", field="institution_id")
    row = PeerRow(
        id=new_id(),
        institution_id=form.institution_id,
        title=form.title,
        network=form.network,
        host=form.host,
        port=form.port,
        may_store=form.may_store,
        may_query=form.may_query,
        charset=form.charset,
        over_tls=form.over_tls,
        certificate=form.certificate,
        added_at=work.now,
    )
    store.save_peer(work.session, row)
    _journal(work, "dicom_peer.added", row.id, title=form.title, institution=form.institution_id)
    return get_peer(work, row.id)


def remove_peer(work: Work, peer_id: str) -> None:
    """Take it off the list: it may do nothing more; one that is gone already is no fault."""
    peer = store.find_peer(work.session, peer_id)
    if peer is None or peer.institution_id not in _reach(work):
        return
    store.delete_peer(work.session, peer_id)
    _journal(work, "dicom_peer.removed", peer_id, title=peer.title, institution=peer.institution_id)


def list_peers(work: Work) -> list[Peer]:
    """The list within the administrator's reach."""
    return store.list_peers(work.session, _reach(work))


def get_peer(work: Work, peer_id: str) -> Peer:
    """A peer that is on the list yet; for the door, which has no person behind it.

    Raises NotFoundError, also where its institution no longer takes part.
    """
    peer = store.find_peer(work.session, peer_id)
    if peer is None or not _takes_part(work, peer.institution_id):
        raise NotFoundError
    return peer


def find_by_title(work: Work, title: str) -> Peer | None:
    """Who comes in under this title; for the door."""
    peer = store.find_by_title(work.session, title)
    return None if peer is None or not _takes_part(work, peer.institution_id) else peer


def _takes_part(work: Work, institution_id: InstitutionId) -> bool:
    return organisations.get_institution(work, institution_id).stopped_at is None


def _reach(work: Work) -> frozenset[str]:
    return frozenset(each.id for each in organisations.list_institutions(work))


def _journal(work: Work, kind: str, peer_id: str, **codes: str) -> None:
    work.journal(Entry(kind, "dicom_peer", peer_id, codes=codes))
