"""The way to the server: HTTPS that somebody vouches for, through a proxy that asks who comes."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from edge.model import Trouble
from edge.web import AddressError, AwayError, Line, Way, find_proxy, parse_server
from server.tls.authority import Authority
from tests.makers.cameras import open_watch
from tests.makers.certificates import make_authority
from tests.makers.little_servers import Quiet, Served, Tunnel, serve
from tests.makers.pictures import make_jpeg


class Answering(Quiet):
    """A server that answers whoever has the token."""

    def respond(self) -> None:
        """Say who came."""
        self.answer(200 if self.headers["Authorization"] == "Bearer tok" else 401, b'{"a": 1}')


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The hospital's own authority, with a certificate of this computer."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Authority) -> Iterator[Served]:
    """A server with a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.pair.certificate_file, authority.pair.key_file)
    yield from serve(Answering, context)


@pytest.fixture
def proxy() -> Iterator[Served]:
    """A proxy."""
    yield from serve(Tunnel)


def ask(way: Way) -> int:
    """The status of one question."""
    line = Line(way)
    try:
        return line.ask("GET", "/x", {}).status
    finally:
        line.close()


def trouble_of(way: Way) -> Trouble:
    """Why no answer came."""
    with pytest.raises(AwayError) as away:
        ask(way)
    return away.value.trouble


def test_a_server_is_trusted_by_the_hospitals_own_authority_alone(
    secure: Served, authority: Authority
) -> None:
    address = f"https://127.0.0.1:{secure.port}"
    ca = authority.certificate_file
    assert ask(Way(address, "tok", ca=ca, proxy="none")) == 200
    assert ask(Way(address, "other", ca=ca, proxy="none")) == 401
    assert trouble_of(Way(address, "tok", proxy="none")) is Trouble.CERTIFICATE


def test_a_proxy_that_wants_a_sign_in_is_gone_through_with_one(
    secure: Served, proxy: Served, authority: Authority
) -> None:
    address = f"https://127.0.0.1:{secure.port}"
    ca = authority.certificate_file
    named = f"http://%E8%AF%8A%E6%89%80:p%20w@127.0.0.1:{proxy.port}"
    assert ask(Way(address, "tok", ca=ca, proxy=named)) == 200
    for wrong in (f"http://127.0.0.1:{proxy.port}", f"http://a:b@127.0.0.1:{proxy.port}"):
        assert trouble_of(Way(address, "tok", ca=ca, proxy=wrong)) is Trouble.PROXY


def test_the_computers_own_proxy_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://u:p@proxy.clinic:3128")
    monkeypatch.setenv("no_proxy", "inside.clinic")
    found = find_proxy("system", parse_server("https://lianzhen.example"))
    assert found is not None
    assert (found.hostname, found.port, found.username) == ("proxy.clinic", 3128, "u")
    assert find_proxy("system", parse_server("https://inside.clinic")) is None
    assert find_proxy("system", parse_server("http://127.0.0.1:1")) is None
    assert find_proxy("none", parse_server("https://lianzhen.example")) is None
    with pytest.raises(AddressError):
        find_proxy("socks5://a:1", parse_server("https://lianzhen.example"))


@pytest.mark.parametrize(
    "address",
    ["http://lianzhen.example", "ftp://a", "https://", "a", "https://u:p@a", "https://a/?x=1"],
)
def test_nothing_goes_in_plain_past_this_computer(address: str) -> None:
    with pytest.raises(AddressError):
        parse_server(address)


class Elsewhere(Quiet):
    """A server that is full, busy, broken or sends one elsewhere, by turns."""

    told: ClassVar[list[tuple[int, dict[str, str]]]] = []
    asked: ClassVar[list[str]] = []

    def respond(self) -> None:
        """The next answer."""
        self.asked.append(self.path)
        status, headers = self.told.pop(0)
        body = json.dumps({"code": headers.pop("code", "")}).encode()
        self.answer(status, body, **headers)


@pytest.fixture
def elsewhere() -> Iterator[Served]:
    """Such a server."""
    yield from serve(Elsewhere)


@pytest.mark.parametrize(
    ("status", "code", "trouble", "refused"),
    [
        (302, "", "server-away", 0),
        (401, "sign-in-needed", "token-refused", 0),
        (403, "", None, 0),
        (413, "", None, 0),
        (404, "not-found", "other", 0),
        (400, "tus-header-malformed", "other", 0),
        (407, "", "proxy", 0),
        (403, "token-not-allowed", "token-refused", 0),
        (413, "upload-too-large", None, 1),
        (422, "empty-file", None, 1),
        (422, "uploads-too-many", None, 0),
        (422, "quota-full", "server-full", 0),
        (409, "upload-wrong-offset", None, 0),
        (429, "too-many", "server-away", 0),
        (500, "", "server-away", 0),
        (507, "disk-full", "server-full", 0),
    ],
)
def test_an_answer_stops_the_way_or_one_file(
    elsewhere: Served,
    tmp_path: Path,
    status: int,
    code: str,
    trouble: str | None,
    refused: int,
) -> None:
    Elsewhere.told = [(status, {"code": code, "Location": "http://127.0.0.1:9/x"})] * 3
    Elsewhere.asked = []
    with open_watch(tmp_path / "c", server=f"http://127.0.0.1:{elsewhere.port}", token="t") as w:
        (w.folder / "a.jpg").write_bytes(make_jpeg())
        w.look()
        w.send()
        assert w.agent.sender.trouble == trouble
        depth = w.agent.store.depth()
        assert (depth.waiting, depth.refused) == (1 - refused, refused)
        assert set(Elsewhere.asked) == {"/api/uploads"}


def test_pauses_grow_and_are_never_the_same(tmp_path: Path) -> None:
    with open_watch(tmp_path / "c", server="http://127.0.0.1:9", token="t") as watch:
        (watch.folder / "a.jpg").write_bytes(make_jpeg())
        watch.look()
        pauses = []
        for _ in range(12):
            assert not watch.send()
            due = watch.agent.store.next_due(watch.clock.now + 400)
            assert due is not None
            pauses.append(due.next_at - watch.clock.now)
            assert watch.agent.store.next_due(watch.clock.now) is None
            watch.clock.now = due.next_at
    assert 1 <= pauses[0] <= 2
    assert all(150 <= pause <= 300 for pause in pauses[8:])
    assert len(set(pauses[8:])) == 4
