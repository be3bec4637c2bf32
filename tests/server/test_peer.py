"""Who is at the other end: a proxy's word counts only where the installation trusts it."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from server.auth import peer
from server.keys import SETTINGS
from server.settings import load_settings

PROXY, HOSPITAL = "10.0.0.7", "172.16.3.4"


def asked(folder: Path, *, trusted: str, by: str = PROXY, forwarded: str = HOSPITAL) -> web.Request:
    """A request that came over plain HTTP from `by`, which says who sent it to it."""
    app = web.Application()
    app[SETTINGS] = load_settings({"data_dir": str(folder), "trusted_proxy": trusted})
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
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
    request = asked(tmp_path, trusted="10.0.0.0/8", forwarded=f"1.2.3.4, {HOSPITAL}")
    assert peer.client_address(request) == HOSPITAL
    broken = asked(tmp_path, trusted="10.0.0.0/8", forwarded="not an address")
    assert peer.client_address(broken) == PROXY
