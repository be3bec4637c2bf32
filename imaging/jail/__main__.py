"""Start the jail: `python -m imaging.jail --socket PATH`.

It listens before it loads what its jobs need: an asker waits for it instead of trying again.
"""

import argparse
import contextlib
import gc
import importlib
import os
import select
import socket
import stat
import sys
from pathlib import Path
from typing import Any, Final

from imaging.jail.pages import collapse_memory

# Before numpy is imported: its linear algebra would start threads, and threads do not survive fork.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

_BACKLOG: Final = 128
_CANNOT_START: Final = 3
_MEMORY_BYTES: Final = 896 << 20  # two children and the rest of the house stay below 2 GiB
_DEFAULT_JOBS: Final = "imaging.jail.jobs"
_DEFAULT_PRELOAD: Final = "imaging.jail.preload"
_SPARED: Final = ("requests", "ssl", "PIL.AvifImagePlugin", "PIL.WebPImagePlugin")
"""What pydicom and Pillow load where they find it: no decoder of ours uses it, each child pays."""


def main() -> int:
    """Preload, listen and serve until the parent has gone."""
    asked = _arguments()
    os.nice(asked.nice)
    gc.disable()  # what is loaded stays: nobody need look for garbage in it
    from imaging.jail import child, landlock, limits, syscalls, zygote  # noqa: PLC0415  # after the environment

    without = frozenset(asked.without)
    seccomp_filter = None if child.SECCOMP in without else syscalls.make_filter()
    abi = 0 if child.LANDLOCK in without else landlock.landlock_abi()
    layers = set(child.LAYERS) - without
    if seccomp_filter is None:
        layers.discard(child.SECCOMP)
    if not abi:
        layers.discard(child.LANDLOCK)
    missing = child.REQUIRED - layers - without
    if missing:
        sys.stderr.write(f"jail: cannot start, missing: {', '.join(sorted(missing))}\n")
        return _CANNOT_START
    walls = child.Walls(
        limits.ChildLimits(asked.memory_bytes, asked.cpu_s, asked.wall_s, asked.file_bytes),
        frozenset(layers),
        seccomp_filter,
        abi,
    )
    with _listening(Path(asked.socket)) as listener:
        watched = _watched()
        _wait_for_asker(listener, watched, seconds=asked.idle_s)
        served = zygote.Zygote(
            listener,
            walls=walls,
            registry=_load_jobs(asked),
            concurrency=asked.concurrency,
            queue=asked.queue,
        )
        served.serve(watched=watched)
    return 0


def _load_jobs(asked: argparse.Namespace) -> Any:
    """Everything that a child needs, in memory to stay."""
    if asked.preload == _DEFAULT_PRELOAD:
        absent: dict[str, Any] = dict.fromkeys(_SPARED)
        sys.modules.update(absent)
    importlib.import_module(asked.preload).preload()
    registry = importlib.import_module(asked.jobs).REGISTRY
    gc.collect()
    gc.freeze()
    collapse_memory()
    gc.enable()
    return registry


def _wait_for_asker(listener: socket.socket, watched: int | None, *, seconds: float) -> None:
    """Load nothing while the rest of the house starts, unless somebody asks or our parent ends."""
    if seconds > 0:
        heard = {listener.fileno()} if watched is None else {listener.fileno(), watched}
        select.select(heard, [], [], seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m imaging.jail")
    parser.add_argument("--socket", required=True, help="path of the Unix socket")
    parser.add_argument("--memory-bytes", type=int, default=_MEMORY_BYTES)
    parser.add_argument("--cpu-s", type=int, default=10)
    parser.add_argument("--wall-s", type=float, default=15.0)
    parser.add_argument("--file-bytes", type=int, default=2 << 30)
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("--queue", type=int, default=256)
    parser.add_argument("--without", action="append", default=[], help="leave a layer out")
    parser.add_argument(
        "--jobs", default=_DEFAULT_JOBS, help="module whose REGISTRY names the jobs"
    )
    parser.add_argument("--preload", default=_DEFAULT_PRELOAD, help="module that warms the jobs")
    parser.add_argument("--idle-s", type=float, default=0.0, help="how long nothing is loaded yet")
    parser.add_argument("--nice", type=int, default=0, help="how much others go before us")
    return parser.parse_args()


def _listening(path: Path) -> socket.socket:
    """Listen at `path`, readable by this user alone; a socket left behind is replaced."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(_BACKLOG)
    return listener


def _watched() -> int | None:
    """Return standard input where it is a pipe or socket, whose closing ends us."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return None
    return 0 if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) else None


if __name__ == "__main__":
    sys.exit(main())
