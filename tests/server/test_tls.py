"""The server speaks TLS itself: with a hospital's certificate, or with its own authority's."""

import datetime as dt
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from http.client import HTTPSConnection
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509

from server.tls.authority import Authority, issue
from server.tls.names import parse_names
from server.tls.pair import Pair, TlsRefusedError, check_pair
from tests.makers.certificates import HOSTS, make_authority, trusting
from tests.makers.house import ROOT, House, open_house
from tests.makers.installation import SET_UP

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.server


def served_serial(house: House, authority: Authority) -> int:
    """The number of the certificate that a new connection meets."""
    pem = ssl.get_server_certificate(
        ("127.0.0.1", house.port), ca_certs=str(authority.certificate_file)
    )
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


def test_a_pair_that_belongs_together_and_holds_is_taken(tmp_path: Path) -> None:
    pair = make_authority(tmp_path).pair
    assert check_pair(pair, now=NOW).not_valid_after_utc > NOW + 800 * DAY


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("another-key", "tls-pair-differs"),
        ("expired", "tls-expired"),
        ("early", "tls-not-yet-valid"),
        ("no-certificate", "tls-certificate-unreadable"),
        ("no-key", "tls-key-unreadable"),
        ("key-of-nonsense", "tls-key-unreadable"),
    ],
)
def test_any_other_pair_is_refused_with_its_reason(tmp_path: Path, broken: str, code: str) -> None:
    pair = make_authority(tmp_path / "one").pair
    other = make_authority(tmp_path / "two").pair
    now = {"expired": NOW + 826 * DAY, "early": NOW - 2 * DAY}.get(broken, NOW)
    if broken == "another-key":
        pair = Pair(pair.certificate_file, other.key_file)
    if broken == "no-certificate":
        pair = Pair(tmp_path / "nothing.pem", pair.key_file)
    if broken == "no-key":
        pair = Pair(pair.certificate_file, tmp_path / "nothing.key")
    if broken == "key-of-nonsense":
        pair.key_file.write_text("nonsense")
    with pytest.raises(TlsRefusedError) as refused:
        check_pair(pair, now=now)
    assert refused.value.code == code


def test_serve_says_plainly_that_key_and_certificate_are_strangers(tmp_path: Path) -> None:
    one, two = make_authority(tmp_path / "one").pair, make_authority(tmp_path / "two").pair
    told = subprocess.run(
        [
            *(sys.executable, "-m", "server", "serve", "--data-dir", str(tmp_path / "data")),
            *("--port", "0", "--tls-cert", str(one.certificate_file)),
            *("--tls-key", str(two.key_file)),
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 78
    assert "The key does not belong to the certificate.\n" in told.stderr
    assert "Traceback" not in told.stderr


async def test_a_trial_serves_tls_by_its_own_authority(tmp_path: Path) -> None:
    with open_house(tmp_path / "data", tls="self-signed") as house:
        authority = Authority(tmp_path / "data" / "keys" / "tls")
        async with aiohttp.ClientSession(house.base) as browser:
            body = {"json": SET_UP, "ssl": trusting(authority)}
            async with browser.post("/api/setup", **body) as answer:
                assert answer.status == 200
                cookie = answer.cookies["__Host-lianzhen"]
                assert cookie["secure"]
                assert cookie["httponly"]
                assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
            with pytest.raises(aiohttp.ClientConnectorCertificateError):  # negative control
                await browser.get("/healthz", ssl=ssl.create_default_context())
            weak = trusting(authority)
            weak.maximum_version = ssl.TLSVersion.TLSv1_2
            async with browser.get("/healthz", ssl=weak) as answer:  # as on Windows 7
                assert answer.status == 200
        weak = trusting(authority)
        weak.maximum_version = ssl.TLSVersion.TLSv1_2
        weak.set_ciphers("AES256-GCM-SHA384")  # no forward secrecy
        async with aiohttp.ClientSession(house.base) as browser:
            with pytest.raises(aiohttp.ClientConnectorError):
                await browser.get("/healthz", ssl=weak)


def test_a_changed_certificate_is_served_and_nobody_is_cut_off(tmp_path: Path) -> None:
    authority = make_authority(tmp_path / "own")
    pair = Pair(tmp_path / "given.pem", tmp_path / "given.key")
    copy_pair(authority, pair)
    given = {"tls_cert": str(pair.certificate_file), "tls_key": str(pair.key_file)}
    with open_house(tmp_path / "data", **given) as house:
        browser = HTTPSConnection("127.0.0.1", house.port, context=trusting(authority))
        line = ask(browser)
        first = served_serial(house, authority)
        pair.certificate_file.write_text("half a file")
        time.sleep(6)
        assert served_serial(house, authority) == first
        second = issue(authority, parse_names(HOSTS), now=NOW).serial_number
        copy_pair(authority, pair)
        until = time.monotonic() + 20
        while served_serial(house, authority) == first and time.monotonic() < until:
            time.sleep(0.2)
        assert served_serial(house, authority) == second
        assert ask(browser) is line
        assert "changed certificate refused" in house.log()
        browser.close()


def copy_pair(authority: Authority, pair: Pair) -> None:
    shutil.copy(authority.pair.certificate_file, pair.certificate_file)
    shutil.copy(authority.pair.key_file, pair.key_file)


def ask(browser: HTTPSConnection) -> object:
    """Ask over the connection that is open; the line that the answer came by."""
    browser.request("GET", "/healthz")
    answer = browser.getresponse()
    assert (answer.status, json.loads(answer.read())["status"]) == (200, "ok")
    return browser.sock
