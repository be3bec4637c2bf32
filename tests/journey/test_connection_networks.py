"""Clinics whose network lets little through: what the test of the line says there (VID-03, U30).

Chromium runs in a network of its own with a real firewall; everything else is this machine.
"""

import contextlib
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.makers.certificates import make_authority
from tests.makers.coturn import Coturn, open_coturn
from tests.makers.databases import free_port
from tests.makers.front import open_front
from tests.makers.house import ROOT
from tests.makers.line_test import LineTest, open_speaking_browser, run_line_test
from tests.makers.networks import ClinicNetwork, open_clinic_network
from tests.makers.screen import open_screen
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(400)]
HOST, RELAY = "lianzhen.test", "turn.lianzhen.test"
SECURE = "__Host-lianzhen"
BASE = f"https://{HOST}"
PAGES = "tcp dport {80, 443}"


@dataclass(frozen=True)
class Place:
    """A hospital at one address, and a clinic that reaches it."""

    house: WorldHouse
    relay: Coturn
    clinic: ClinicNetwork

    async def try_line(self, *flags: str) -> LineTest:
        """What the page says to a physician in the clinic."""
        person = self.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
        program = self.clinic.browser()
        async with open_speaking_browser(
            "--ignore-certificate-errors", *flags, program=program
        ) as browser:
            async with open_screen(browser, BASE, trusts_anybody=True) as screen:
                session = {"name": SECURE, "value": person.token, "url": BASE, "secure": True}
                await screen.page.context.add_cookies([session])
                return await run_line_test(screen.page, BASE)

    async def try_straight(self) -> LineTest:
        """The same, where names are looked up in the clinic."""
        names = ",".join(f"MAP {name} {self.clinic.server}" for name in (HOST, RELAY))
        return await self.try_line(f"--host-resolver-rules={names}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Web, relay and media at one address; the relay by TLS at port 443 beside the pages."""
    folder = tmp_path_factory.mktemp("networks")
    pair = make_authority(folder / "tls", hosts=(HOST, RELAY)).pair
    first = 20_000 + secrets.randbelow(12_000)
    with contextlib.ExitStack() as stack:
        clinic = stack.enter_context(open_clinic_network(folder))
        relay = stack.enter_context(open_coturn(folder / "turn", pair, address=clinic.server))
        here = f"turn:{clinic.server}:{relay.port}"
        urls = f"{here}?transport=udp,{here}?transport=tcp,turns:{RELAY}:443?transport=tcp"
        told = {
            "media": "true",
            "media_address": clinic.server,
            "media_ports": f"{first}-{first + 199}",
            "trusted_proxy": "127.0.0.1",
            **relay.settings(),
            "turn_urls": urls,
        }
        house = stack.enter_context(open_world(folder / "data", **told))
        stack.enter_context(
            open_front(
                folder / "front",
                pair,
                address=clinic.server,
                upstream=house.house.port,
                relay=relay.tls_port,
            )
        )
        yield Place(house, relay, clinic)


async def test_where_all_is_open_every_way_is_open(place: Place) -> None:
    """The control: the same hospital, the same clinic, no wall."""
    place.clinic.let_out("meta l4proto {tcp, udp}")
    tested = await place.try_straight()
    assert tested.failed == [], tested.outcomes
    assert (tested.verdict, tested.outcomes["tls"]) == ("good", "ok")


async def test_where_udp_is_blocked_the_relay_carries_video_by_tcp_and_tls(place: Place) -> None:
    place.clinic.let_out("meta l4proto tcp")
    tested = await place.try_straight()
    assert tested.failed == ["direct", "udp"], tested.outcomes
    assert (tested.outcomes["tcp"], tested.outcomes["tls"]) == ("ok", "ok")
    assert (tested.verdict, tested.outcomes["quality"]) == ("tcp", "good")
    assert f"UDP {place.clinic.server}:" in tested.text


async def test_where_only_port_443_is_open_the_relay_carries_video_by_tls(place: Place) -> None:
    place.clinic.let_out(PAGES)
    tested = await place.try_straight()
    assert tested.failed == ["direct", "udp", "tcp"], tested.outcomes
    assert (tested.verdict, tested.outcomes["tls"]) == ("tls", "ok")
    assert tested.outcomes["quality"] == "good"


async def test_through_a_proxy_that_knows_connect_alone_video_goes_by_tls(
    place: Place, tmp_path: Path
) -> None:
    said = tmp_path / "proxy.log"
    with open_proxy(place.clinic.server, said) as port:
        place.clinic.let_out(f"tcp dport {port}")
        tested = await place.try_line(f"--proxy-server=http://{place.clinic.server}:{port}")
        passed = said.read_text()
    assert tested.failed == ["direct", "udp", "tcp"], tested.outcomes
    assert (tested.verdict, tested.outcomes["tls"]) == ("tls", "ok")
    assert f"passed {RELAY}:443" in passed


async def test_where_the_relay_is_away_too_the_page_says_that_no_way_is_open(place: Place) -> None:
    """The negative control of all of them: pages alone, and the relay's name leads nowhere."""
    place.clinic.let_out(PAGES)
    names = f"MAP {HOST} {place.clinic.server},MAP {RELAY} ~NOTFOUND"
    tested = await place.try_line(f"--host-resolver-rules={names}")
    assert tested.failed == ["direct", "udp", "tcp", "tls"], tested.outcomes
    assert (tested.verdict, tested.outcomes["quality"]) == ("blocked", "not-measured")


@contextlib.contextmanager
def open_proxy(address: str, said: Path) -> Iterator[int]:
    """A proxy at this address for the time of a block, which writes what it did into `said`."""
    port = free_port()
    command = [sys.executable, "-m", "tests.makers.connect_proxy", address, str(port), address]
    with said.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        until_s = time.monotonic() + 60
        while not said.read_text().startswith("ready"):
            is_waiting = process.poll() is None and time.monotonic() < until_s
            assert is_waiting, said.read_text()
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
