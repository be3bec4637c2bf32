"""Files as a disk without power keeps them: only what was synced, and whatever else chance left.

Contents become durable by fsync of the file, names by fsync of their folder: stricter than ext4,
which is all that POSIX promises. A cut keeps a random part of the rest: of the unsynced writes of a
file none, all, or any, torn at 512 bytes; of the unsynced changes of names the first few.
"""

import errno
import random
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.makers.torn_writes import apply, cut, lucky, put

ROOT_ID = 1
NO_BOUND = 1 << 60


@dataclass(slots=True, eq=False)
class Node:
    """A file, a folder or a socket: as it is, and as it lies on the platter."""

    number: int
    mode: int
    mtime_ns: int
    links: int = 1
    data: bytearray = field(default_factory=bytearray)
    kept: bytearray = field(default_factory=bytearray)
    unsynced: list[tuple[int, bytes | None]] = field(default_factory=list)  # None: cut to this size
    names: dict[str, "Node"] = field(default_factory=dict)
    kept_names: dict[str, "Node"] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        """Whether it holds names."""
        return stat.S_ISDIR(self.mode)


Change = tuple[Node, str, Node | None]


class Tree:
    """A file system in memory; every failure is an OSError as a kernel would give it."""

    def __init__(self) -> None:
        self._next = ROOT_ID
        self.nodes: dict[int, Node] = {}
        self.root = self.make(stat.S_IFDIR | 0o755)
        self._renamed: list[list[Change]] = []  # changes of names that no fsync has covered
        self.used = 0
        self.room = NO_BOUND
        self.is_cut = False
        self.syncs = 0
        self.refused_syncs = self.refused_writes = 0
        self.bad_path: str | None = None
        self.bad_after = 0

    def look_up(self, folder: Node, name: str) -> Node:
        """The node of this name."""
        if name not in folder.names:
            raise OSError(errno.ENOENT, name)
        return folder.names[name]

    def add(self, folder: Node, name: str, mode: int) -> Node:
        """A new, empty node."""
        self._require_power()
        if name in folder.names:
            raise OSError(errno.EEXIST, name)
        if not stat.S_ISSOCK(mode):
            self._require_room(1)
        node = self.make(mode)
        self._rename([(folder, name, node)])
        return node

    def remove(self, folder: Node, name: str) -> None:
        """Take a name away; the open file lives on, as files do."""
        self._require_power()
        node = self.look_up(folder, name)
        if node.names:
            raise OSError(errno.ENOTEMPTY, name)
        self._unlink(node)
        self._rename([(folder, name, None)])

    def link(self, folder: Node, name: str, node: Node) -> None:
        """A second name of the same file."""
        self._require_power()
        if name in folder.names:
            raise OSError(errno.EEXIST, name)
        node.links += 1
        self._rename([(folder, name, node)])

    def move(self, folder: Node, name: str, target: Node, new_name: str) -> None:
        """Rename, over what is there."""
        self._require_power()
        node = self.look_up(folder, name)
        if (replaced := target.names.get(new_name)) is not None and replaced is not node:
            self._unlink(replaced)
        self._rename([(folder, name, None), (target, new_name, node)])

    def write(self, node: Node, offset: int, data: bytes) -> int:
        """Into the live file only."""
        self._require_power()
        self._require_room(max(offset + len(data) - len(node.data), 0))
        self.used += max(offset + len(data) - len(node.data), 0)
        put(node.data, offset, data)
        node.unsynced.append((offset, data))
        node.mtime_ns = time.time_ns()
        return len(data)

    def resize(self, node: Node, size: int) -> None:
        """Cut or lengthen."""
        self._require_power()
        self._require_room(max(size - len(node.data), 0))
        self.used += size - len(node.data)
        cut(node.data, size)
        node.unsynced.append((size, None))

    def sync(self, node: Node) -> None:
        """Bring a file's content to the platter; where the disk is bad, EIO and it is gone.

        Linux marks the pages of a failed fsync as clean: the next one succeeds, and writes nothing.
        """
        self._require_power()
        self.syncs += 1
        unsynced, node.unsynced = node.unsynced, []
        if self._is_bad(node):
            self.refused_syncs += 1
            raise OSError(errno.EIO, "fsync")
        for offset, data in unsynced:
            apply(node.kept, offset, data)

    def sync_folder(self, folder: Node) -> None:
        """Bring a folder's names to the platter, and what their changes rest on."""
        self._require_power()
        self.syncs += 1
        chosen, touched = [], {folder}
        for changes in reversed(self._renamed):
            if touched & {each for place, _, node in changes for each in (place, node)}:
                chosen.append(changes)
                touched |= {node for _, _, node in changes if node is not None}
        self._renamed = [changes for changes in self._renamed if changes not in chosen]
        for changes in reversed(chosen):
            keep_names(changes)

    def survive(self, seed: random.Random) -> None:
        """The power is back: what is there now is what the platter and chance kept."""
        for changes in self._renamed[: seed.randint(0, len(self._renamed))]:
            keep_names(changes)
        self._renamed = []
        for node in self.nodes.values():
            for offset, data in lucky(node.unsynced, seed):
                apply(node.kept, offset, data)
            node.unsynced = []

    def kept_files(self) -> Iterator[tuple[Path, Node]]:
        """What lies on the platter; a socket does not survive."""
        waiting = [(Path(), self.root)]
        while waiting:
            path, folder = waiting.pop()
            for name, node in folder.kept_names.items():
                if node.is_folder:
                    waiting.append((path / name, node))
                if not stat.S_ISSOCK(node.mode):
                    yield path / name, node

    def make(self, mode: int) -> Node:
        """A node without a name."""
        node = Node(self._next, mode, time.time_ns())
        self.nodes[node.number] = node
        self._next += 1
        return node

    def _unlink(self, node: Node) -> None:
        """One name less; with the last one its room is free again."""
        node.links -= 1
        if not node.links:
            self.used -= len(node.data)

    def _rename(self, changes: list[Change]) -> None:
        for folder, name, node in changes:
            _set_name(folder.names, name, node)
        self._renamed.append(changes)

    def _is_bad(self, node: Node) -> bool:
        if self.bad_path is None or node not in self._on_path(self.bad_path):
            return False
        self.bad_after -= 1
        return self.bad_after < 0

    def _on_path(self, pattern: str) -> set[Node]:
        """The live files whose path looks so."""
        found, waiting = set(), [("", self.root)]
        while waiting:
            path, folder = waiting.pop()
            for name, node in folder.names.items():
                if node.is_folder:
                    waiting.append((f"{path}/{name}", node))
                elif re.search(pattern, f"{path}/{name}"):
                    found.add(node)
        return found

    def _require_power(self) -> None:
        if self.is_cut:
            raise OSError(errno.EIO, "no power")

    def _require_room(self, size: int) -> None:
        if size and self.used + size > self.room:
            self.refused_writes += 1
            raise OSError(errno.ENOSPC, "no room")


def keep_names(changes: list[Change]) -> None:
    """Bring these names to the platter."""
    for folder, name, node in changes:
        _set_name(folder.kept_names, name, node)


def _set_name(names: dict[str, Node], name: str, node: Node | None) -> None:
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node
