"""A real coturn with the hospital's own file takes our names, and `doctor` says so."""

import ssl
import struct
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from server.cli.doctor_around import examine_around
from server.settings import load_settings
from server.turn.address import read_address
from server.turn.allocate import Outcome, _connect, _key, _Talk, try_allocate
from server.turn.credentials import make_credential
from server.turn.messages import MalformedError, _make, make_allocate, make_transaction, read_answer
from tests.makers.certificates import make_authority, trusting
from tests.makers.coturn import SECRET, Coturn, open_coturn
from tests.makers.databases import free_port

pytestmark = pytest.mark.server
CREATE_PERMISSION, PEER = 0x0008, 0x0012
FAR_S = 2_000_000_000  # coturn reads 31 bits


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Coturn, ssl.SSLContext]]:
    """A relay, and whoever trusts its certificate."""
    folder = tmp_path_factory.mktemp("relay")
    authority = make_authority(folder / "keys" / "tls")
    with open_coturn(folder / "turn", authority.pair) as coturn:
        yield coturn, trusting(authority)


def outcomes(coturn: Coturn, trust: ssl.SSLContext, secret: str, ends_s: int) -> list[Outcome]:
    credential = make_credential(secret.encode(), "person", expires_s=ends_s)
    return [
        try_allocate(read_address(url), credential, trust=trust, within_s=20)
        for url in coturn.urls.split(",")
    ]


def test_a_name_of_ours_is_let_in_by_each_way(relay: tuple[Coturn, ssl.SSLContext]) -> None:
    assert outcomes(*relay, SECRET, FAR_S) == [Outcome.GRANTED] * 3


def test_a_name_of_another_secret_or_of_yesterday_is_refused(
    relay: tuple[Coturn, ssl.SSLContext],
) -> None:
    assert outcomes(*relay, "another secret", FAR_S) == [Outcome.REFUSED] * 3
    assert outcomes(*relay, SECRET, 1_700_000_000) == [Outcome.REFUSED] * 3


def test_a_certificate_of_nobody_that_is_known_is_told_apart(
    relay: tuple[Coturn, ssl.SSLContext],
) -> None:
    stranger = ssl.create_default_context()
    assert outcomes(relay[0], stranger, SECRET, FAR_S)[2] is Outcome.UNTRUSTED


def test_the_doctor_names_each_address_and_what_is_wrong_with_it(
    relay: tuple[Coturn, ssl.SSLContext], tmp_path: Path
) -> None:
    coturn, _ = relay
    data = coturn.folder.parent  # whose keys/ has the authority
    away = f"turn:127.0.0.1:{free_port()}?transport=tcp"

    def seen(folder: Path, **changes: str) -> list[tuple[bool, str, str]]:
        told = {"data_dir": folder, "media": "false", **coturn.settings(), **changes}
        found = examine_around(load_settings(told))
        return [(each.is_well, each.message.split(" at ")[0], each.names) for each in found]

    udp, tcp, tls = coturn.urls.split(",")
    well = "The relay gives a place"
    assert seen(data) == [(True, well, udp), (True, well, tcp), (True, well, tls)]
    unknown = "This machine does not trust the certificate of the relay"
    assert seen(tmp_path)[2] == (False, unknown, tls)
    assert seen(data, turn_urls=away) == [(False, "The relay", away)]
    wrong = tmp_path / "secret"
    wrong.write_text("another")
    assert seen(data, turn_secret_file=str(wrong), turn_urls=udp) == [(False, "The relay", udp)]
    gone = "The secret of the relay cannot be read."
    assert seen(data, turn_secret_file=str(tmp_path / "gone")) == [(False, gone, "")]


@pytest.mark.parametrize(("peer", "code"), [("127.0.0.1", 0), ("10.1.2.3", 403), ("1.1.1.1", 403)])
def test_it_relays_to_the_media_process_and_to_nobody_else(
    relay: tuple[Coturn, ssl.SSLContext], peer: str, code: int
) -> None:
    coturn, trust = relay
    credential = make_credential(SECRET.encode(), "person", expires_s=FAR_S)
    address = read_address(coturn.urls.split(",")[1])
    with _connect(address, trust, 20) as line:
        talk = _Talk(line, time.monotonic() + 20, is_stream=True)
        mine = make_transaction()
        key = _key(credential, talk.ask(3, mine, make_allocate(mine)))
        mine = make_transaction()
        assert talk.ask(3, mine, make_allocate(mine, key)).is_granted
        mine = make_transaction()
        hidden = int(IPv4Address(peer)) ^ 0x2112A442
        place = struct.pack("!BBHI", 0, 1, 4242 ^ 0x2112, hidden)
        asked = _make(CREATE_PERMISSION, mine, [(PEER, place)], key)
        answer = talk.ask(CREATE_PERMISSION, mine, asked)
    assert (answer.is_granted, answer.code) == (code == 0, code)


def test_answers_that_are_none_are_never_believed() -> None:
    mine = make_transaction()
    good = struct.pack("!HHI12s", 0x0103, 0, 0x2112A442, mine)
    assert read_answer(good, 3, mine).is_granted
    other = struct.pack("!HHI12s", 0x0103, 0, 0x2112A442, make_transaction())
    for data in (
        *(b"", good[:-1], good + b"\0", other, make_allocate(mine)),
        struct.pack("!HHI12s", 0x0103, 4, 0x2112A442, mine) + b"\0\x09\0\x08",
        struct.pack("!HHI12s", 0x0103, 0, 0x2112A443, mine),
    ):
        with pytest.raises(MalformedError):
            read_answer(data, 3, mine)
