"""A data folder on a disk that a test may cut off, fill up and break."""

import contextlib
import ctypes
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.makers.house import ROOT

_DETACH = 2
_MOUNT_S = 20
_LIBC = ctypes.CDLL(None, use_errno=True)


class NoSuchDisksError(OSError):
    """Here nobody may mount a file system of his own: /dev/fuse is missing, or the right to."""


@dataclass
class PulledDisk:
    """One disk; `platter` is what lies on it when it has no power."""

    mount: Path
    platter: Path
    cuts: int = 0
    _process: "subprocess.Popen[str] | None" = field(default=None, repr=False)

    def plug_in(self) -> None:
        """Mount what lies on the platter."""
        command = [sys.executable, "-m", "tests.makers.forgetful_disk"]
        self._process = subprocess.Popen(
            [*command, str(self.mount), str(self.platter)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        deadline = time.monotonic() + _MOUNT_S
        while not self.mount.is_mount():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NoSuchDisksError(NoSuchDisksError.__doc__)
            time.sleep(0.005)

    def tell(self, do: str, **told: Any) -> dict[str, int]:
        """One command, and what the disk counts."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **told}) + "\n")
        self._process.stdin.flush()
        counted: dict[str, int] = json.loads(self._process.stdout.readline())
        return counted

    def cut(self, *, seed: str) -> None:
        """No power from now on; what survives lies on the platter. Then kill who worked on it."""
        self.cuts += 1
        survived = self.platter.with_name(f"platter-{self.cuts}")
        self.tell("cut", seed=seed, into=str(survived))
        shutil.rmtree(self.platter)
        self.platter = survived

    def pull_out(self) -> None:
        """Take the file system away; whoever still has a file of it open keeps an error."""
        _LIBC.umount2(str(self.mount).encode(), _DETACH)
        if self._process is not None:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=2)
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None


@contextlib.contextmanager
def open_disk(folder: Path, platter: Path) -> Iterator[PulledDisk]:
    """A disk with this content, for the time of a block."""
    mount = folder / "mount"
    mount.mkdir()
    disk = PulledDisk(mount, platter)
    disk.plug_in()
    try:
        yield disk
    finally:
        disk.pull_out()
