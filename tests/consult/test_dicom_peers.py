"""Which machines the DICOM door knows: those of institutions that take part."""

import pytest

from consult.kernel.errors import NotFoundError, RefusedError
from consult.people.organisations import service as organisations
from consult.studies.peers import service as peers
from consult.studies.peers.model import PeerForm
from tests.makers.consortium import Consortium


def _form(world: Consortium, title: str = "CAMERA") -> PeerForm:
    return PeerForm(world.centre_id, title, network="10.1.0.0/16")


def test_a_machine_of_a_stopped_institution_is_known_no_more(world: Consortium) -> None:
    clinic = world.clinic
    peer = clinic.system(peers.add_peer, form=_form(world))
    assert clinic.system(peers.find_by_title, title="CAMERA") == peer
    assert clinic.system(peers.get_peer, peer_id=peer.id) == peer
    centre = clinic.system(organisations.get_institution, institution_id=world.centre_id)
    clinic.system(
        organisations.stop_institution, institution_id=centre.id, revision=centre.revision
    )
    assert clinic.system(peers.find_by_title, title="CAMERA") is None
    with pytest.raises(NotFoundError):
        clinic.system(peers.get_peer, peer_id=peer.id)
    with pytest.raises(RefusedError) as refused:
        clinic.system(peers.add_peer, form=_form(world, "OTHER"))
    assert refused.value.code == "institution-stopped"
