"""Who is at the other end: a proxy's word counts only where the installation trusts it."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from server.auth import peer
from server.keys import SETTINGS
from server.settings import load_settings

PROXY, HOSPITAL = "10.0.0.7", "172.16.3.4"


def asked(
    folder: Path,
    *,
    trusted: str,
    by: str = PROXY,
    forwarded: tuple[str, ...] = (HOSPITAL,),
    schemes: tuple[str, ...] = ("https",),
) -> web.Request:
    """A request that came over plain HTTP from `by`, which says who sent it to it, line by line."""
    app = web.Application()
    app[SETTINGS] = load_settings({"data_dir": str(folder), "trusted_proxy": trusted})
    headers: CIMultiDict[str] = CIMultiDict()
    for line in forwarded:
        headers.add("X-Forwarded-For", line)
    for scheme in schemes:
        headers.add("X-Forwarded-Proto", scheme)
    return make_mocked_request("GET", "/", headers=headers, app=app).clone(remote=by)


def test_a_trusted_proxy_says_who_called_and_that_the_browser_speaks_tls(tmp_path: Path) -> None:
    request = asked(tmp_path, trusted="10.0.0.0/8")
    assert peer.client_address(request) == HOSPITAL
    assert peer.is_secure(request)


@pytest.mark.parametrize("trusted", ["", "192.168.0.0/16"])
def test_nobody_else_is_believed(tmp_path: Path, trusted: str) -> None:
    request = asked(tmp_path, trusted=trusted)
    assert peer.client_address(request) == PROXY
    assert not peer.is_secure(request)


def test_what_the_caller_wrote_before_the_proxy_counts_for_nothing(tmp_path: Path) -> None:
    request = asked(tmp_path, trusted="10.0.0.0/8", forwarded=(f"1.2.3.4, {HOSPITAL}",))
    assert peer.client_address(request) == HOSPITAL
    broken = asked(tmp_path, trusted="10.0.0.0/8", forwarded=("not an address",))
    assert peer.client_address(broken) == PROXY


@pytest.mark.parametrize(
    "proxies", [(HOSPITAL,), (HOSPITAL, "10.0.0.9"), (f"{HOSPITAL}, 10.0.0.9",)]
)
def test_a_line_that_the_caller_wrote_above_the_proxys_counts_for_nothing(
    tmp_path: Path, proxies: tuple[str, ...]
) -> None:
    request = asked(tmp_path, trusted="10.0.0.0/8", forwarded=("1.2.3.4", *proxies))
    assert peer.client_address(request) == HOSPITAL


@pytest.mark.parametrize(
    ("schemes", "is_secure"),
    [(("https", "http"), False), (("http", "https"), True), (("http, https",), True), ((), False)],
)
def test_the_nearest_proxy_says_whether_the_browser_speaks_tls(
    tmp_path: Path, schemes: tuple[str, ...], *, is_secure: bool
) -> None:
    request = asked(tmp_path, trusted="10.0.0.0/8", schemes=schemes)
    assert peer.is_secure(request) is is_secure


def test_a_proxy_that_speaks_ipv4_inside_ipv6_is_the_same_proxy(tmp_path: Path) -> None:
    request = asked(tmp_path, trusted="10.0.0.0/8", by="::ffff:10.0.0.7")
    assert peer.client_address(request) == HOSPITAL
    stranger = asked(tmp_path, trusted="10.0.0.0/8", by="::ffff:11.0.0.7")
    assert peer.client_address(stranger) == "11.0.0.7"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("172.16.3.4:51234", HOSPITAL),
        ("[2001:db8::7]:51234", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:172.16.3.4", HOSPITAL),
        ("172.16.3.4:port", PROXY),
        ("[172.16.3.4", PROXY),
    ],
)
def test_an_address_may_be_written_with_its_port(
    tmp_path: Path, written: str, address: str
) -> None:
    request = asked(tmp_path, trusted="10.0.0.0/8", forwarded=(written,))
    assert peer.client_address(request) == address
