"""How much memory the processes of a house hold, sampled while something goes on.

Files in memory (memfd_create) count too, each once: they are in no process's own figures.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_EVERY_S = 0.2
_MIB = 1 << 10  # the kernel counts in KiB
_BLOCK_BYTES = 512  # stat(2)


@dataclass
class Memory:
    """MiB of each part of the house before, and the most of it since."""

    pid: int
    before: dict[str, float] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)

    @property
    def rise(self) -> float:
        """By how much the whole house grew at most."""
        return self.most["all"] - self.before["all"]

    def look(self) -> None:
        """One sample."""
        now = {"all": 0.0, "files": 0.0}
        files: dict[int, float] = {}
        for pid, name in _family(self.pid):
            size = proportional_mib(pid)
            now[name] = now.get(name, 0.0) + size
            now["all"] += size
            files |= _memory_files(pid)
        now["files"] = sum(files.values())
        now["all"] += now["files"]
        self.before = self.before or now
        for name, size in now.items():
            self.most[name] = max(self.most.get(name, 0.0), size)

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Sample for the time of a block."""
        self.look()
        task = asyncio.ensure_future(self._watch())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(_EVERY_S)


def proportional_mib(pid: int) -> float:
    """Memory of a process, what it shares counted by its part (proc(5), smaps_rollup)."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / _MIB
    return 0.0


def _memory_files(pid: int) -> dict[int, float]:
    """MiB of each file in memory that a process holds open, by its number."""
    found = {}
    with contextlib.suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if str(entry.readlink()).startswith("/memfd:"):
                    told = entry.stat()
                    found[told.st_ino] = told.st_blocks * _BLOCK_BYTES / (1 << 20)
    return found


def _family(pid: int) -> Iterator[tuple[int, str]]:
    """The supervisor and all that came from it; `jail` is what the worker started."""
    waiting = [(pid, "supervisor")]
    while waiting:
        pid, name = waiting.pop()
        yield pid, name
        with contextlib.suppress(OSError):
            found = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
            waiting += [(int(child), _name_of(int(child), under=name)) for child in found]


def _name_of(pid: int, *, under: str) -> str:
    if under in {"worker", "jail"}:
        return "jail"
    with contextlib.suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return "web" if b"web" in command else "worker"
    return "worker"
