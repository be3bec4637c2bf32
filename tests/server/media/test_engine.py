"""aiortc is as decision 0257 says, and the process notices at its start where it is not."""

import importlib.metadata
import subprocess
import sys

import pytest

from tests.makers.house import ROOT

pytestmark = pytest.mark.server
_TRY = """
import asyncio, sys
from server.media.engine import prepare_engine, use_addresses, use_classes
from server.media.limits import load_media_rules
from server.media.loop import MediaLoop
from server.media.own_engine import OwnEngine
from server.media.recording.outbox import Outbox
from server.media.recording.recorder import RecordingPlace
from server.media.receiver import ForwardReceiver
from server.media.sender import ForwardSender
from server.media.settled import Settled
from server.media.touching import choose_way
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import aioice.ice, aiortc, aiortc.rtcdtlstransport as dtls, aiortc.rtcpeerconnection as peers
prepare_engine()
use_classes(ForwardReceiver, ForwardSender)
use_addresses(["127.0.0.1"])
exec(sys.argv[1])
rules, _ = load_media_rules(Path("config"))
nowhere = RecordingPlace(Outbox(Path("nowhere")), ThreadPoolExecutor(1), rules.recording)
own = OwnEngine()
settled = Settled(rules, ("127.0.0.1",), "", 5, is_short=True, recording=nowhere, engine=own)
with asyncio.Runner(loop_factory=lambda: MediaLoop(range(20_000, 60_000))) as runner:
    print("way:" + runner.run(choose_way("c3", settled)))
"""
# where nothing will work nobody need wait for it long
_HASTY = "import server.media.touching as touching; touching._LONGEST_S = 2"


def way_after(change: str) -> str:
    """Which way is taken where the engine was changed like that."""
    done = subprocess.run(
        [sys.executable, "-c", _TRY, change],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = [line for line in done.stdout.splitlines() if line.startswith("way:")]
    assert found, done.stderr
    return found[0].removeprefix("way:")


def test_the_versions_are_those_whose_private_parts_we_know() -> None:
    found = {name: importlib.metadata.version(name) for name in ("aiortc", "aioice", "pylibsrtp")}
    assert {name: version.rsplit(".", 1)[0] for name, version in found.items()} == {
        "aiortc": "1.16",
        "aioice": "0.13",
        "pylibsrtp": "1.0",
    }


@pytest.mark.parametrize(
    ("change", "way"),
    [
        ("", "c3"),
        ("dtls.RTCDtlsTransport._tx_srtp = property(lambda s: None, lambda s, v: None)", ""),
        ("dtls.RTCDtlsTransport._rx_srtp = property(lambda s: None, lambda s, v: None)", ""),
        ("aioice.ice.Connection._nominated = property(lambda s: (), lambda s, v: None)", ""),
        ("MediaLoop._bind = None", ""),
        ("from server.media.ingress import Ingress; Ingress.take = lambda s, d: 1 / 0", "c1"),
        ("from server.media.ingress import Ingress; Ingress._follow = lambda *_: 1 / 0", "c1"),
        ("import server.media.publishing as publishing; publishing._will_send = lambda _: 0", ""),
        ("from server.media.connection import Connection; Connection._lines = lambda s: []", ""),
        ("aioice.ice.get_host_addresses = lambda *_, **__: ['127.0.0.1', '127.0.0.2']", ""),
        ("import server.media.srtp as srtp; srtp.lib = None", "c1"),
        ("from server.media.outlet import SocketOutlet; SocketOutlet.send = None", "c1"),
        ("peers.RTCRtpReceiver = aiortc.RTCRtpReceiver", ""),
        ("peers.RTCRtpSender = aiortc.RTCRtpSender", ""),
        ("del dtls.RTCDtlsTransport._register_rtp_receiver", ""),
        ("del dtls.RTCDtlsTransport._register_rtp_sender", ""),
    ],
)
def test_a_change_of_what_we_touch_is_noticed_at_the_start(change: str, way: str) -> None:
    assert way_after(change if way else f"{_HASTY}; {change}") == way


def test_pyav_is_not_there_and_nobody_misses_it() -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("av")
    code = (
        "from server.media.absent import CodecAbsentError, stand_in; stand_in(); stand_in()\n"
        "import av\n"
        "try: av.VideoFrame(1, 2)\n"
        "except CodecAbsentError: print('absent')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "absent\n", done.stderr
