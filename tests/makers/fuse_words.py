"""The words of the kernel's FUSE protocol (linux/fuse.h, 7.31) that the test disk speaks."""

import enum
import struct
from dataclasses import dataclass

HEADER_IN = struct.Struct("<IIQQIIIHH")
HEADER_OUT = struct.Struct("<IiQ")
INIT_IN = struct.Struct("<IIII")
INIT_OUT = struct.Struct("<IIIIHHIIHHI7I")
ENTRY = struct.Struct("<4Q2I")
ATTR_VALID = struct.Struct("<QII")
ATTR = struct.Struct("<6Q10I")
OPENED = struct.Struct("<QII")
DATA_IN = struct.Struct("<QQIIQII")  # of READ, READDIR and WRITE
WRITTEN = struct.Struct("<II")
STATFS = struct.Struct("<5Q4I6I")
DIRENT = struct.Struct("<QQII")
KEEP_CACHE = 1 << 1  # nobody but the kernel changes a file
LARGEST_WRITE = 1 << 17
READ_BUFFER = LARGEST_WRITE + (1 << 16)
LONG_S = 3600


class Op(enum.IntEnum):
    """What the kernel asks."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    SETATTR = 4
    MKNOD = 8
    MKDIR = 9
    UNLINK = 10
    RMDIR = 11
    RENAME = 12
    LINK = 13
    OPEN = 14
    READ = 15
    WRITE = 16
    STATFS = 17
    RELEASE = 18
    FSYNC = 20
    INIT = 26
    OPENDIR = 27
    READDIR = 28
    RELEASEDIR = 29
    FSYNCDIR = 30
    CREATE = 35
    INTERRUPT = 36
    BATCH_FORGET = 42
    RENAME2 = 45


SILENT = {Op.FORGET, Op.BATCH_FORGET, Op.INTERRUPT}
SET_MODE, SET_SIZE, SET_MTIME = 1, 8, 32


@dataclass(frozen=True, slots=True)
class Question:
    """One request of the kernel."""

    op: int
    unique: int
    node_id: int
    body: bytes

    def unpack(self, layout: struct.Struct) -> tuple[int, ...]:
        """The fixed part of the body."""
        return layout.unpack_from(self.body)

    def names(self, start: int) -> list[str]:
        """The names that end the body."""
        return [name.decode() for name in self.body[start:].rstrip(b"\0").split(b"\0")]


def parse_question(data: bytes) -> Question:
    """The header's parts that matter here, and the rest."""
    _length, op, unique, node_id, *_caller = HEADER_IN.unpack_from(data)
    return Question(op, unique, node_id, data[HEADER_IN.size :])


def make_answer(unique: int, body: bytes = b"", *, error: int = 0) -> bytes:
    """What goes back; an error is a number of errno(3)."""
    return HEADER_OUT.pack(HEADER_OUT.size + len(body), -error, unique) + body


def make_init(offered: tuple[int, ...]) -> bytes:
    """Version, no writeback cache: a write is here before the writer goes on."""
    big_writes = 1 << 5
    minor = min(offered[1], 31)
    head = (7, minor, offered[2], offered[3] & big_writes)
    return INIT_OUT.pack(*head, 16, 12, LARGEST_WRITE, 1, 0, 0, 0, *[0] * 7)


def make_dirents(names: list[tuple[str, int, int]], *, start: int, room: int) -> bytes:
    """As many names from `start` as there is room for: name, inode, mode."""
    found = b""
    for position, (name, number, mode) in enumerate(names[start:], start + 1):
        raw = name.encode()
        entry = DIRENT.pack(number, position, len(raw), mode >> 12) + raw
        entry += b"\0" * (-len(entry) % 8)
        if len(found) + len(entry) > room:
            break
        found += entry
    return found
