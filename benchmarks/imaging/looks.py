"""What a look of the jail costs: processor time of its process and of the children that ended.

    python -m benchmarks.imaging.looks [--passes 5] [--times 60] [--against FOLDER]

Several jails run by turns: this one, and one of another checkout of the sources where a folder is
named. No house stands around them, and no Orthanc: it makes no previews.
"""

import argparse
import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.imaging.objects import some
from benchmarks.imaging.spent import spent_s
from benchmarks.load import machine
from imaging.errors import JailError
from imaging.jail.client import Jail
from server.transactions import utc_now
from tests.makers.jails import ROOT, files
from tests.makers.mutants import mutate
from tests.makers.seedlings import read_corpus

_START_S: Final = 120.0
_TOGETHER: Final = 16
_MUTANTS: Final = 80
_REAL_FILES: Final = os.environ.get("LIANZHEN_TEST_DATA", str(ROOT.parent / "shared" / "data"))


@dataclass(frozen=True)
class Turn:
    """One jail that takes its turn."""

    name: str
    process_id: int
    client: Jail

    def ms_of(self, act: Callable[[Jail], int]) -> float:
        """Processor milliseconds of each look of one act."""
        began = spent_s(self.process_id)
        looks = act(self.client)
        return (spent_s(self.process_id) - began) * 1000 / looks


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--against", type=Path)
    chosen = parser.parse_args()
    folders = {"this": ROOT} | ({} if chosen.against is None else {"other": chosen.against})
    with contextlib.ExitStack() as stack:
        turns = [stack.enter_context(_turn(name, folder)) for name, folder in folders.items()]
        print(f"{utc_now():%Y-%m-%d %H:%M} UTC, {machine()}, load {os.getloadavg()[0]:.1f}\n")
        print("| look | " + " | ".join(f"{each.name}, ms CPU" for each in turns) + " |")
        print("|---" * (1 + len(turns)) + "|")
        for what, act in _acts(chosen.times).items():
            figures: dict[str, list[float]] = {each.name: [] for each in turns}
            for _ in range(chosen.passes):
                for each in turns:
                    with contextlib.suppress(JailError):  # it does not know this job
                        figures[each.name].append(each.ms_of(act))
            print(f"| {what} | " + " | ".join(map(_told, figures.values())) + " |", flush=True)


def _acts(times: int) -> dict[str, Callable[[Jail], int]]:
    few = max(times // 6, 2)
    return {
        "nothing (`ping`)": lambda jail: _ping(jail, times),
        "CT, 0.5 MB": lambda jail: _receive(jail, some("ct", 1), times),
        f"CT, {_TOGETHER} in one child": lambda jail: _receive_many(jail, some("ct", 1), few),
        "radiograph, 10 MB": lambda jail: _receive(jail, some("cr", 1), few),
        "fundus, JPEG": lambda jail: _receive(jail, some("fundus", 1), few),
        "ultrasound, 30 frames": lambda jail: _receive(jail, some("ultrasound", 1), few),
        "a mutant (`take`)": _take_mutants(),
    }


def _ping(jail: Jail, times: int) -> int:
    for _ in range(times):
        jail.run_blocking("ping", {})
    return times


def _receive(jail: Jail, objects: Sequence[bytes], times: int) -> int:
    for at in range(times):
        with files(objects[at % len(objects)], b"", b"", b"") as (given, *outputs):
            jail.run_blocking("receive", {}, inputs=[given], outputs=outputs)
    return times


def _receive_many(jail: Jail, objects: Sequence[bytes], times: int) -> int:
    given = [objects[at % len(objects)] for at in range(_TOGETHER)]
    for _ in range(times):
        with files(*given, *[b""] * 3 * _TOGETHER) as opened:
            inputs, outputs = opened[:_TOGETHER], opened[_TOGETHER:]
            told = jail.run_blocking("receive_many", {}, inputs=inputs, outputs=outputs)
            if not told["is_calm"]:
                raise RuntimeError("not looked at")
    return times * _TOGETHER


def _take_mutants() -> Callable[[Jail], int]:
    chance = random.Random(7)  # noqa: S311 - no secret
    corpus = read_corpus(Path(_REAL_FILES))
    made = [mutate(chance.choice(corpus), chance)[1] for _ in range(_MUTANTS)]

    def act(jail: Jail) -> int:
        for each in made:
            with files(each, b"", b"", b"") as (given, *outputs), contextlib.suppress(JailError):
                params: dict[str, Any] = {"filename": "a"}
                jail.run_blocking("take", params, inputs=[given], outputs=outputs)
        return len(made)

    return act


@contextlib.contextmanager
def _turn(name: str, folder: Path) -> Iterator[Turn]:
    with tempfile.TemporaryDirectory(prefix="looks-") as where:
        socket = Path(where) / "jail.sock"
        command = [sys.executable, "-m", "imaging.jail", "--socket", str(socket)]
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + _START_S
        while not socket.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        client = Jail(socket, timeout_s=_START_S)
        client.run_blocking("ping", {})
        yield Turn(name, process.pid, client)
        client.close()
        if process.stdin is not None:
            process.stdin.close()
        process.wait(_START_S)


def _told(figures: list[float]) -> str:
    if not figures:
        return "none"
    return f"{statistics.median(figures):.1f} ({min(figures):.1f} to {max(figures):.1f})"


if __name__ == "__main__":
    main()
