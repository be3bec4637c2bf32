"""A clinic's line with time, loss and width of its own: frames carried between two networks.

The kernel here shapes no delay (no sch_netem), so a child process has one end of the line in each
namespace (TAP devices) and passes every frame on when its time has come.
"""

import argparse
import contextlib
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.makers.house import ROOT
from tests.makers.media_networks import CLINICS, MediaNetwork
from tests.makers.networks import run_tool

_CLONE_NEWNET: Final = 0x40000000
_TUNSETIFF: Final = 0x400454CA
_TAP_WITHOUT_HEAD: Final = 0x1002
_LONGEST_FRAME: Final = 2048
_QUEUE_S: Final = 0.3
_AT_ONCE: Final = 64
_STOPS_S: Final = 20.0


@contextlib.contextmanager
def open_far_line(
    network: MediaNetwork, *, delay_ms: int, percent: float = 0, kbit: int = 0
) -> Iterator[None]:
    """The first clinic hangs on such a line for the time of a block; each figure is of one way."""
    switch, clinic = network.word, network.clinic(0)
    run_tool([*network.inside(switch), "ip", "link", "del", "to0"])
    told = [switch, clinic, str(delay_ms), str(percent), str(kbit)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.makers.far_line", *told], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"up\n"
            run_tool([*network.inside(switch), "ip", "link", "set", "to0", "master", "switch"])
            run_tool([*network.inside(switch), "ip", "link", "set", "to0", "up"])
            line = [*network.inside(clinic), "ip"]
            run_tool([*line, "addr", "add", f"{CLINICS[0]}/24", "dev", "line"])
            run_tool([*line, "link", "set", "line", "up"])
            yield
        finally:
            process.terminate()
            process.wait(_STOPS_S)


@dataclass
class Way:
    """What goes from one end to the other: frames in the order of the times when they arrive."""

    start: int
    end: int
    delay_s: float
    share_lost: float
    bytes_a_s: float
    choose: random.Random
    waiting: list[tuple[float, int, bytes]] = field(default_factory=list)
    free_s: float = 0.0
    number: int = 0

    def take(self) -> None:
        """What has come at the start, as much as is there."""
        for _ in range(_AT_ONCE):
            try:
                frame = os.read(self.start, _LONGEST_FRAME)
            except BlockingIOError:
                return
            now_s = time.monotonic()
            leaves_s = max(now_s, self.free_s)
            if self.choose.random() < self.share_lost or leaves_s - now_s > _QUEUE_S:
                continue
            if self.bytes_a_s:
                leaves_s = self.free_s = leaves_s + len(frame) / self.bytes_a_s
            self.number += 1
            heapq.heappush(self.waiting, (leaves_s + self.delay_s, self.number, frame))

    def give(self) -> None:
        """What is due at the end."""
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            with contextlib.suppress(OSError):  # an end that is down, or full
                os.write(self.end, heapq.heappop(self.waiting)[2])

    def due_in_s(self) -> float:
        """How long nothing is due."""
        return max(0.0, self.waiting[0][0] - time.monotonic()) if self.waiting else 1.0


def open_end(namespace: str, name: str) -> int:
    """A device of that name in a namespace, in which this process is from now on."""
    place = os.open(Path("/run/netns") / namespace, os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(place, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(place)
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH", name.encode(), _TAP_WITHOUT_HEAD))
    return end


def main() -> None:
    """Carry, until it is ended."""
    parser = argparse.ArgumentParser()
    for name in ("switch", "clinic"):
        parser.add_argument(name)
    for name in ("delay_ms", "percent", "kbit"):
        parser.add_argument(name, type=float)
    told = parser.parse_args()
    ends = open_end(told.switch, "to0"), open_end(told.clinic, "line")
    shape = (told.delay_ms / 1000, told.percent / 100, told.kbit * 125)
    ways = [
        Way(start, end, *shape, random.Random(seed))  # noqa: S311 - chance, not a secret
        for seed, (start, end) in enumerate((ends, ends[::-1]))
    ]
    sys.stdout.write("up\n")
    sys.stdout.flush()
    while True:
        select.select(ends, [], [], min(way.due_in_s() for way in ways))
        for way in ways:
            way.take()
            way.give()


if __name__ == "__main__":
    main()
