"""Processor time of a server: user and system, of all processes that came from it."""

import os
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_CALM_S: Final = 0.5
_NEARLY_NOTHING_S: Final = 0.03


def family(root: int) -> set[int]:
    """The process and every living descendant, whichever of its threads began it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _fields(int(entry.name))) is not None:
            parents[int(entry.name)] = int(fields[1])
    found, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found


def spent_s(root: int) -> float:
    """Seconds spent so far by it, its descendants and those of them that ended (proc(5))."""
    ticks = 0
    for pid in family(root):
        fields = _fields(pid)
        ticks += 0 if fields is None else sum(map(int, fields[11:15]))
    return ticks / _TICKS


def memory_bytes(root: int, *, but: Collection[int] = ()) -> int:
    """What it and its descendants hold that is theirs alone or shared, each page once a process."""
    total = 0
    for pid in family(root) - set(but):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        except (OSError, UnicodeDecodeError):
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total * 1024


def wait_until_calm(root: int, *, most_s: float = 120) -> None:
    """Until it does next to nothing for half a second."""
    deadline, before = time.monotonic() + most_s, spent_s(root)
    while time.monotonic() < deadline:
        time.sleep(_CALM_S)
        now = spent_s(root)
        if now - before <= _NEARLY_NOTHING_S:
            return
        before = now


def _fields(pid: int) -> list[str] | None:
    """The fields of its line behind the name, which may hold blanks; None when it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
