"""Watching the folders to which cameras export, by looking: network shares tell nobody anything."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.kinds import HEAD_BYTES, TAIL_BYTES, Look, look_at
from edge.model import Sighting, Trouble
from edge.opening import open_alone
from edge.spool import ChangedError, Spool, SpoolFullError
from edge.store import Store

_PIECE_BYTES: Final = 1 << 18
_DEEPEST: Final = 8
_MOST_FILES: Final = 200_000
_SETTLED_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a file must be left alone, and how long one that seems cut is waited for."""

    quiet_s: float = 3.0
    cut_s: float = 60.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file that was seen and is not taken yet."""

    sighting: Sighting
    first_seen_at: float
    steady_since: float


class Watcher:
    """Looks into folders, and takes what has come to rest."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        spool: Spool,
        store: Store,
        clock: Callable[[], float],
        pace: Pace,
    ) -> None:
        self._folders = folders
        self._spool = spool
        self._store = store
        self._clock = clock
        self._pace = pace
        self._known: dict[str, Sighting] = {}
        self._candidates: dict[str, _Candidate] = {}
        self._unpassed: list[Path] = []
        self.trouble: Trouble | None = None

    def pass_over_old(self) -> None:
        """At the first start, what lies in the folders already is not a patient of today.

        The time of the first start is on the disk before anything is passed over, so that a death
        in between passes over nothing that came later. In a folder that is not there yet it is
        passed over once it is.
        """
        for folder in self._folders:
            if self._store.find_secret(f"since:{folder}") is None:
                self._store.keep_secret(f"since:{folder}", repr(self._clock()))
            self._unpassed.append(folder)
        self._pass_over()

    def _pass_over(self) -> None:
        """What is older than the first start, in folders whose turn has not come yet."""
        waiting, self._unpassed = self._unpassed, []
        for folder in waiting:
            told = self._store.find_secret(f"since:{folder}") or ""
            if told.startswith("done:"):
                continue
            self.trouble = None
            for sighting in self._scan(folder):
                if sighting.mtime_ns / 1e9 < float(told) - _SETTLED_S:
                    self._store.take(sighting, None, now=self._clock())
            if self._is_well():  # all of it could be read
                self._store.keep_secret(f"since:{folder}", f"done:{told}")
            else:
                self._unpassed.append(folder)

    def _is_well(self) -> bool:
        return self.trouble is None

    def look(self) -> int:
        """One look at every folder; how many new files were taken."""
        self._pass_over()
        self.trouble = None
        present: set[str] = set()
        taken = 0
        for folder in self._folders:
            for sighting in self._scan(folder):
                present.add(sighting.path)
                taken += self._consider(sighting)
        for path in [path for path in self._candidates if path not in present]:
            del self._candidates[path]
        return taken

    def _scan(self, folder: Path) -> Iterator[Sighting]:
        left = _MOST_FILES
        waiting = [(str(folder), 0)]
        while waiting and left > 0:
            path, depth = waiting.pop()
            for entry in self._list(path, is_top=depth == 0):
                left -= 1
                sighting = _see(entry)
                if sighting is not None:
                    yield sighting
                elif depth < _DEEPEST and _is_folder(entry):
                    waiting.append((entry.path, depth + 1))

    def _list(self, path: str, *, is_top: bool) -> list["os.DirEntry[str]"]:
        try:
            with os.scandir(path) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except FileNotFoundError:
            if is_top:
                self.trouble = Trouble.FOLDER_MISSING
        except OSError:
            self.trouble = Trouble.FOLDER_UNREADABLE
        return []

    def _consider(self, sighting: Sighting) -> bool:
        """Take a file once it has come to rest."""
        known = self._known.get(sighting.path)
        if known is not None and known.is_as(sighting):
            return False
        now = self._clock()
        before = self._candidates.get(sighting.path)
        if before is None:
            if self._store.is_known(sighting):
                self._known[sighting.path] = sighting
                return False
            before = _Candidate(sighting, now, now)
        elif not before.sighting.is_as(sighting) or now < before.steady_since:
            before = replace(before, sighting=sighting, steady_since=now)
        self._candidates[sighting.path] = before
        steady_s = now - before.steady_since
        return steady_s >= self._pace.quiet_s and self._try(before, steady_s)

    def _try(self, candidate: _Candidate, steady_s: float) -> bool:
        """Read it, unless it is no picture, is held by its writer, or seems to be cut."""
        sighting = candidate.sighting
        try:
            look = self._look_into(sighting)
            if look is Look.OTHER:
                self._store.take(sighting, None, now=self._clock())
                return self._done(sighting)
            if look is Look.EMPTY or (look is Look.CUT and steady_s < self._pace.cut_s):
                return False
            is_new = self._spool.take(
                _read(sighting),
                name=Path(sighting.path).name,
                size=sighting.size,
                sighting=sighting,
                first_seen_at=candidate.first_seen_at,
                now=self._clock(),
            )
        except SpoolFullError:
            self.trouble = Trouble.SPOOL_FULL
            return False
        except (OSError, ChangedError):
            return False  # held, gone or written again: the next look sees it anew
        self._done(sighting)
        return is_new

    def _done(self, sighting: Sighting) -> bool:
        self._known[sighting.path] = sighting
        self._candidates.pop(sighting.path, None)
        return False

    @staticmethod
    def _look_into(sighting: Sighting) -> Look:
        with open_alone(sighting.path) as file:
            head = file.read(HEAD_BYTES)
            file.seek(max(sighting.size - TAIL_BYTES, 0))
            return look_at(head, file.read(TAIL_BYTES))


def _see(entry: "os.DirEntry[str]") -> Sighting | None:
    """A plain file as it stands now; no link is followed."""
    try:
        found = Path(entry.path).lstat()  # an entry's own may be old on Windows
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Sighting(entry.path, found.st_size, found.st_mtime_ns)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _read(sighting: Sighting) -> Iterator[bytes]:
    """The bytes of exactly this writing; raises ChangedError."""
    with open_alone(sighting.path) as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
        found = Path(sighting.path).lstat()
        if not sighting.is_as(Sighting(sighting.path, found.st_size, found.st_mtime_ns)):
            raise ChangedError
