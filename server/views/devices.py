"""The allow-list of the DICOM network, as an administrator sees it."""

from dataclasses import dataclass

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.studies.peers import service as peers
from consult.studies.peers.model import Peer
from server.views.admin import Option, options_of
from server.views.sign_in import in_tongue


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One machine."""

    id: str
    title: str
    institution: str
    network: str
    place: str
    may_store: bool
    may_query: bool
    charset: str
    over_tls: bool
    certificate: str
    is_shut_out: bool


@dataclass(frozen=True, slots=True)
class DevicesPage:
    """The list; without a port nobody can come."""

    rows: tuple[DeviceRow, ...]
    institutions: tuple[Option, ...]
    title: str
    port: int | None
    asks_certificates: bool


def make_devices(
    work: Work, *, tongue: str, title: str, port: int | None, asks_certificates: bool
) -> DevicesPage:
    """The list within reach."""
    known = organisations.list_institutions(work)
    names = {each.id: in_tongue(tongue, each.name, each.name_en) for each in known}
    return DevicesPage(
        rows=tuple(
            _row(each, names.get(each.institution_id, "")) for each in peers.list_peers(work)
        ),
        institutions=options_of(tongue, [each for each in known if each.stopped_at is None]),
        title=title,
        port=port,
        asks_certificates=asks_certificates,
    )


def _row(peer: Peer, institution: str) -> DeviceRow:
    return DeviceRow(
        id=peer.id,
        title=peer.title,
        institution=institution,
        network=peer.network,
        place=f"{peer.host}:{peer.port}" if peer.host else "",
        may_store=peer.may_store,
        may_query=peer.may_query,
        charset=peer.charset.value,
        over_tls=peer.over_tls,
        certificate=peer.certificate,
        is_shut_out=not (peer.network or peer.certificate),
    )
