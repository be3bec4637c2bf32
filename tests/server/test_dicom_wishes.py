"""What web answers the network door: each wish is asked of the list anew."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from consult.kernel.ids import InstitutionId
from consult.studies.peers.model import Charset, Peer, PeerForm, problems_of
from server.dimse.answering import refusal_of

PEER = Peer(
    id="1",
    institution_id=InstitutionId("2"),
    title="CAMERA",
    network="10.0.0.0/8",
    host="",
    port=None,
    may_store=True,
    may_query=True,
    charset=Charset.UTF_8,
    added_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize("wish", ["find", "held", "fetch", "place"])
def test_a_camera_that_may_only_send_wishes_nothing_else(wish: str) -> None:
    assert refusal_of(wish, PEER) is None
    assert refusal_of(wish, replace(PEER, may_query=False))


@pytest.mark.parametrize("wish", ["store", "kept", "home"])
def test_a_workstation_that_may_only_ask_stores_nothing(wish: str) -> None:
    assert refusal_of(wish, PEER) is None
    assert refusal_of(wish, replace(PEER, may_store=False))


def test_a_title_alone_opens_no_stored_study() -> None:
    nobody: frozenset[str] = frozenset()
    assert PEER.comes_from("10.1.2.3", nobody)
    assert not PEER.comes_from("192.168.1.1", nobody)
    for may_query in (True, False):
        nowhere = replace(PEER, network="", may_query=may_query)
        assert not nowhere.comes_from("10.1.2.3", nobody)
    form = PeerForm("2", "CAMERA")
    assert [(each.field, each.code) for each in problems_of(form)] == [
        ("network", "peer-network-needed")
    ]
    assert problems_of(replace(form, network="10.0.0.0/8")) == []
    assert problems_of(replace(form, certificate="Camera 7")) == []


def test_a_title_with_a_certificate_is_nobody_else_s() -> None:
    own = frozenset({"camera 7", "10.1.2.3"})
    anywhere = replace(PEER, network="", certificate="Camera 7")
    assert anywhere.comes_from("192.168.1.1", own)
    assert not anywhere.comes_from("192.168.1.1", frozenset({"camera 8"}))
    both = replace(PEER, certificate="Camera 7")
    assert both.comes_from("10.1.2.3", own)
    assert not both.comes_from("10.1.2.3", frozenset())
    assert not both.comes_from("192.168.1.1", own)


def test_tls_is_for_a_machine_that_has_an_address() -> None:
    form = PeerForm("2", "ARCHIVE", network="10.0.0.0/8", over_tls=True)
    assert [(each.field, each.code) for each in problems_of(form)] == [("host", "peer-host-needed")]
    assert problems_of(replace(form, host="pacs", port=104)) == []
