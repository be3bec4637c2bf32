"""The media engine in a process of its own, where its changes of aiortc disturb no other test."""

import subprocess
import sys
import textwrap

from tests.makers.house import ROOT

_BEGIN = """
import asyncio, contextlib
from pathlib import Path
from types import SimpleNamespace
from server.media.engine import prepare_engine, use_addresses, use_classes
from server.media.limits import load_media_rules
from server.media.loop import MediaLoop
from server.media.own_engine import OwnEngine
from server.media.receiver import ForwardReceiver
from server.media.sender import ForwardSender
from server.media.track import Track
prepare_engine()
use_classes(ForwardReceiver, ForwardSender)
use_addresses(["127.0.0.1"])
rules, _ = load_media_rules(Path("config"))
settled = SimpleNamespace(
    rules=rules, addresses=("127.0.0.1",), public_address="", most_rooms=5, is_short=True,
    recording=None, engine=OwnEngine(),
)
runner = asyncio.Runner(loop_factory=lambda: MediaLoop(range(20_000, 60_000)))
"""


def run_alone(code: str) -> str:
    """The last line that this code writes, run after the engine was made ready."""
    done = subprocess.run(
        [sys.executable, "-c", _BEGIN + textwrap.dedent(code)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    return lines[-1]
