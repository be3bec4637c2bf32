"""Each minute the journal's head goes, signed, into a file beside the database."""

import asyncio
import os
from pathlib import Path

from aiohttp import web

from consult.journal import service as journal
from consult.journal.anchor import Anchor, format_anchor
from consult.kernel.disk import fsync_folder, write_all
from consult.kernel.work import Work
from server.keys import SEAL, SETTINGS
from server.transactions import as_system_read, utc_now

ANCHOR_EVERY_S = 60.0
FILE = "anchors.jsonl"
_LONGEST_LINE_BYTES = 4096


async def anchor_head(app: web.Application) -> None:
    """Write the present head; an empty journal has none."""
    position, line_hash = await as_system_read(app, _head)
    if position == 0:
        return
    seal = app[SEAL]
    anchor = Anchor(utc_now(), position, line_hash)
    line = format_anchor(anchor, sign=seal.sign, seal_id=seal.id)
    path = app[SETTINGS].data_dir / FILE
    await asyncio.get_running_loop().run_in_executor(None, append_line, path, line)


def append_line(path: Path, line: str) -> None:
    """Add one line and wait until it is on the disk; a line that was torn is cut off first.

    So only the last line of the file can be torn, and `verify` takes no other for it.
    """
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        _cut_torn(descriptor)
        write_all(descriptor, line.encode() + b"\n")
        os.fsync(descriptor)
        if is_new:
            fsync_folder(path.parent)
    finally:
        os.close(descriptor)


def _cut_torn(descriptor: int) -> None:
    """Take away what follows the last newline: a line of ours is far shorter than what is read."""
    size = os.fstat(descriptor).st_size
    start = max(size - _LONGEST_LINE_BYTES, 0)
    tail = os.pread(descriptor, size - start, start)
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(descriptor, start + tail.rfind(b"\n") + 1)


def _head(work: Work) -> tuple[int, str]:
    return journal.head(work.session)
