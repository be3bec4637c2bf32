"""A disk that forgets unsynced writes, fills up and fails on command: a FUSE file system.

    python -m tests.makers.forgetful_disk MOUNT PLATTER

A process of its own, so that no test waits for itself. It is told one JSON object a line on its
standard input and answers each with one. `cut` makes every later call fail, decides what survived
and writes it to a folder; the process ends when the file system is taken away.
"""

import contextlib
import ctypes
import errno
import json
import os
import random
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.makers import fuse_words as words
from tests.makers.forgetful_tree import NO_BOUND, Node, Tree, keep_names
from tests.makers.fuse_words import Op, Question

_LIBC = ctypes.CDLL(None, use_errno=True)
_BLOCK = 4096
_UNLIMITED_BLOCKS = 1 << 24
_RENAME2 = struct.Struct("<QII")


class Disk:
    """Answers the kernel out of a tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.lock = threading.Lock()
        self._acts: Mapping[int, Callable[[Question, Node], bytes]] = {
            Op.LOOKUP: lambda asked, node: self._entry(self.tree.look_up(node, *asked.names(0))),
            Op.GETATTR: lambda _asked, node: _stated(node),
            Op.SETATTR: self._set_attributes,
            Op.MKNOD: lambda asked, node: self._add(asked, node, mode=asked.unpack(_U32)[0], at=16),
            Op.MKDIR: lambda asked, node: self._add(
                asked, node, mode=asked.unpack(_U32)[0] | stat.S_IFDIR, at=8
            ),
            Op.CREATE: self._create,
            Op.UNLINK: self._remove,
            Op.RMDIR: self._remove,
            Op.RENAME: lambda asked, node: self._move(asked, node, at=8),
            Op.RENAME2: lambda asked, node: self._move(asked, node, at=_RENAME2.size),
            Op.LINK: self._link,
            Op.OPEN: lambda _asked, _node: words.OPENED.pack(0, words.KEEP_CACHE, 0),
            Op.OPENDIR: lambda _asked, _node: words.OPENED.pack(0, 0, 0),
            Op.READ: _read,
            Op.READDIR: _list,
            Op.WRITE: self._write,
            Op.FSYNC: lambda _asked, node: self.tree.sync(node) or b"",
            Op.FSYNCDIR: lambda _asked, node: self.tree.sync_folder(node) or b"",
            Op.STATFS: lambda _asked, _node: self._room(),
            Op.RELEASE: lambda _asked, _node: b"",
            Op.RELEASEDIR: lambda _asked, _node: b"",
        }

    def answer(self, asked: Question) -> bytes:
        """One answer; what this disk does not know is refused."""
        if asked.op == Op.INIT:
            return words.make_answer(asked.unique, words.make_init(asked.unpack(words.INIT_IN)))
        act = self._acts.get(asked.op)
        if act is None:
            return words.make_answer(asked.unique, error=errno.ENOSYS)
        with self.lock:
            try:
                return words.make_answer(asked.unique, act(asked, self.tree.nodes[asked.node_id]))
            except OSError as error:
                return words.make_answer(asked.unique, error=error.errno or errno.EIO)

    def _entry(self, node: Node) -> bytes:
        head = words.ENTRY.pack(node.number, 0, words.LONG_S, words.LONG_S, 0, 0)
        return head + _attributes(node)

    def _add(self, asked: Question, folder: Node, *, mode: int, at: int) -> bytes:
        return self._entry(self.tree.add(folder, *asked.names(at), mode))

    def _create(self, asked: Question, folder: Node) -> bytes:
        _flags, mode = struct.unpack_from("<II", asked.body)
        return self._add(asked, folder, mode=mode, at=16) + words.OPENED.pack(
            0, words.KEEP_CACHE, 0
        )

    def _remove(self, asked: Question, folder: Node) -> bytes:
        self.tree.remove(folder, *asked.names(0))
        return b""

    def _move(self, asked: Question, folder: Node, *, at: int) -> bytes:
        old, new = asked.names(at)
        self.tree.move(folder, old, self.tree.nodes[asked.unpack(_U64)[0]], new)
        return b""

    def _link(self, asked: Question, folder: Node) -> bytes:
        node = self.tree.nodes[asked.unpack(_U64)[0]]
        self.tree.link(folder, *asked.names(_U64.size), node)
        return self._entry(node)

    def _write(self, asked: Question, node: Node) -> bytes:
        _handle, offset, size, *_rest = asked.unpack(words.DATA_IN)
        data = asked.body[words.DATA_IN.size :][:size]
        return words.WRITTEN.pack(self.tree.write(node, offset, data), 0)

    def _set_attributes(self, asked: Question, node: Node) -> bytes:
        (which,) = struct.unpack_from("<I", asked.body)
        if which & words.SET_SIZE:
            self.tree.resize(node, struct.unpack_from("<Q", asked.body, 16)[0])
        if which & words.SET_MODE:
            (mode,) = struct.unpack_from("<I", asked.body, 68)
            node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)
        if which & words.SET_MTIME:
            node.mtime_ns = time.time_ns()
        return _stated(node)

    def _room(self) -> bytes:
        blocks = min(self.tree.room // _BLOCK, _UNLIMITED_BLOCKS)
        free = max(min((self.tree.room - self.tree.used) // _BLOCK, blocks), 0)
        return words.STATFS.pack(
            blocks, free, free, 1 << 20, 1 << 20, _BLOCK, 255, _BLOCK, *[0] * 7
        )


_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")


def _attributes(node: Node) -> bytes:
    seconds, rest = divmod(node.mtime_ns, 10**9)
    blocks = -(-len(node.data) // 512)
    head = (node.number, len(node.data), blocks, seconds, seconds, seconds, rest, rest, rest)
    return words.ATTR.pack(*head, node.mode, node.links, os.getuid(), os.getgid(), 0, _BLOCK, 0)


def _stated(node: Node) -> bytes:
    return words.ATTR_VALID.pack(words.LONG_S, 0, 0) + _attributes(node)


def _read(asked: Question, node: Node) -> bytes:
    _handle, offset, size, *_rest = asked.unpack(words.DATA_IN)
    return bytes(node.data[offset : offset + size])


def _list(asked: Question, node: Node) -> bytes:
    _handle, start, room, *_rest = asked.unpack(words.DATA_IN)
    found = [(name, each.number, each.mode) for name, each in node.names.items()]
    return words.make_dirents(found, start=start, room=room)


def load(tree: Tree, folder: Path) -> None:
    """Fill from a folder; everything in it is on the platter."""
    known = {folder: tree.root}
    for path in sorted(folder.rglob("*")):
        node = tree.make(path.stat().st_mode)
        if not node.is_folder:
            node.data = bytearray(path.read_bytes())
            node.kept = bytearray(node.data)
            tree.used += len(node.data)
        known[path] = node
        keep_names([(known[path.parent], path.name, node)])
        known[path.parent].names[path.name] = node


def store(tree: Tree, folder: Path) -> None:
    """Write the platter down as a plain folder."""
    folder.mkdir()
    for path, node in tree.kept_files():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if node.is_folder:
            target.mkdir(exist_ok=True)
        else:
            target.write_bytes(node.kept)
        target.chmod(stat.S_IMODE(node.mode))


def obey(disk: Disk, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """One command of the test."""
    tree = disk.tree
    with disk.lock:
        match told["do"]:
            case "cut":
                tree.is_cut = True
                tree.survive(random.Random(told["seed"]))  # noqa: S311 - no secret
                store(tree, Path(told["into"]))
            case "leave":  # bytes that may still be written
                tree.room = tree.used + told["room"]
            case "fail":
                tree.bad_path, tree.bad_after = told["path"], told["after"]
            case "mend":
                tree.bad_path = None
            case "clear":
                tree.room = NO_BOUND
    return {
        "syncs": tree.syncs,
        "refused_syncs": tree.refused_syncs,
        "refused_writes": tree.refused_writes,
    }


def _listen(disk: Disk) -> None:
    for line in sys.stdin:
        print(json.dumps(obey(disk, json.loads(line))), flush=True)  # noqa: T201 - its answer


def _mount(target: str) -> int:
    descriptor = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={descriptor},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
    options += ",allow_other,default_permissions"
    nosuid_nodev = 2 | 4
    if _LIBC.mount(b"lianzhen", target.encode(), b"fuse", nosuid_nodev, options.encode()):
        raise OSError(ctypes.get_errno(), "mount")
    return descriptor


def main() -> None:
    """Serve until the file system is taken away."""
    mount, platter = sys.argv[1:]
    tree = Tree()
    load(tree, Path(platter))
    disk = Disk(tree)
    descriptor = _mount(mount)
    threading.Thread(target=_listen, args=(disk,), daemon=True).start()
    with contextlib.suppress(OSError):  # ENODEV: it was unmounted
        while True:
            asked = words.parse_question(os.read(descriptor, words.READ_BUFFER))
            if asked.op not in words.SILENT:
                with contextlib.suppress(FileNotFoundError):  # the caller was killed meanwhile
                    os.write(descriptor, disk.answer(asked))


if __name__ == "__main__":
    main()
