"""What both spent, side by side, by the median of the passes."""

import os
import statistics
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.imaging.pair import OURS, Pair, Server
from benchmarks.imaging.spent import spent_s, wait_until_calm
from benchmarks.load import machine
from server.transactions import utc_now


@dataclass
class Compared:
    """Processor milliseconds an operation, pass by pass; `after` is what ours spent afterwards."""

    what: str
    bar: float
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    rates: dict[str, list[float]] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Ours by theirs."""
        return statistics.median(self.ours) / statistics.median(self.theirs)

    @property
    def line(self) -> str:
        """Its line of the table."""
        held = "yes" if self.ratio <= self.bar else "**no**"
        after = f"{statistics.median(self.after):.2f}" if self.after else ""
        rates = " / ".join(f"{statistics.median(each):.0f}" for each in self.rates.values())
        return (
            f"| {self.what} | {_told(self.ours)} | {_told(self.theirs)} | {self.ratio:.2f} |"
            f" ≤ {self.bar:.2f} | {held} | {after} | {rates} |"
        )


def compare(
    pair: Pair,
    compared: Compared,
    act: Callable[[Server, int], int],
    *,
    passes: int,
    seconds: Callable[[], float],
) -> Compared:
    """Let both do the same by turns; `act` tells how many operations there were.

    One pass of each goes before, unmeasured: what is loaded on first use is not an operation's.
    """
    for turn in range(passes + 1):
        for server in pair.by_turns:
            wait_until_calm(server.process_id)
            began, started = spent_s(server.process_id), seconds()
            count = act(server, turn)
            took, spent = seconds() - started, spent_s(server.process_id) - began
            wait_until_calm(server.process_id)
            after = spent_s(server.process_id) - began - spent
            if turn:
                _note(compared, server, (spent, after, took), count)
    print(compared.line, file=sys.stderr, flush=True)
    return compared


def _note(
    compared: Compared, server: Server, figures: tuple[float, float, float], count: int
) -> None:
    spent, after, took = figures
    is_ours = server.name == OURS
    (compared.ours if is_ours else compared.theirs).append(spent * 1000 / count)
    compared.rates.setdefault(server.name, []).append(count / took)
    if is_ours:
        compared.after.append(after * 1000 / count)


def print_table(title: str, rows: Iterable[Compared], command: str) -> None:
    """As docs/performance.md has it."""
    print(f"\n### {title}\n")
    load = os.getloadavg()[0]
    print(f"{utc_now():%Y-%m-%d %H:%M} UTC, {machine()}, load {load:.1f} at the end. `{command}`\n")
    print("| what | ours, ms CPU | Orthanc | ratio | bar | held | ours afterwards | /s |")
    print("|---|---|---|---|---|---|---|---|")
    for row in rows:
        print(row.line)


def _told(figures: list[float]) -> str:
    middle = statistics.median(figures)
    return f"{middle:.2f} ({min(figures):.2f} to {max(figures):.2f})"
