"""All tracks of a recording in one Matroska file, in step, as they are: nothing is decoded.

Two passes over the same files: the first measures, so that length and index stand before the rest
and what is damaged is known before a byte leaves the house; the second writes.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Final

from server.media.recording.ebml import text, unsigned
from server.media.recording.sealing import RecordingDamagedError
from server.media.recording.webm import Cluster, Clusters, joined_head, track_entry
from server.recordings.clusters import KeptReader
from server.recordings.refining import (
    Measured,
    enter_element,
    read_cluster,
    refined_head,
    split_head,
)

MOST_JOINED: Final = 126
"""Tracks whose number takes one byte in each block."""
_ENTRY: Final = b"\xae"
_NUMBERED: Final = frozenset({b"\xd7", b"\x73\xc5"})
_NAME, _NUMBER, _UID = 0x536E, 0xD7, 0x73C5
_CLUSTER_MS: Final = 2000
Opening = Callable[[], Iterable[bytes | bytearray]]


class TooManyTracksError(Exception):
    """More tracks than one file holds."""


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """One kept track: whose it is in words, and when it begins, in milliseconds of the whole."""

    name: str
    is_picture: bool
    starts_ms: int
    open: Opening


@dataclass(frozen=True, slots=True)
class _Block:
    at_ms: int
    track: int
    data: bytes
    is_key: bool


@dataclass(slots=True)
class _Track:
    """What becomes one track: files that follow each other and are described alike."""

    name: str
    is_picture: bool
    entry: bytes
    files: list[JoinedFile]


class Joining:
    """One recording, as a file."""

    def __init__(self, files: Sequence[JoinedFile]) -> None:
        self._files = sorted(files, key=attrgetter("starts_ms"))
        self._tracks: list[_Track] = []
        self._found = Measured()

    def measure(self) -> int:
        """Read everything once; how many bytes there will be.

        Raises RecordingDamagedError, TooManyTracksError.
        """
        for file in self._files:
            self._sort_in(file)
        self._tracks.sort(key=lambda each: not each.is_picture)  # an index needs a picture first
        if not self._tracks or len(self._tracks) > MOST_JOINED:
            raise TooManyTracksError
        entries = [
            _numbered(track.entry, number, track.name)
            for number, track in enumerate(self._tracks, 1)
        ]
        self._found = Measured(head=joined_head(entries))
        for _ in self._pass(self._found):
            pass
        return len(refined_head(self._found)) + self._found.sizes

    def write(self) -> Iterator[bytes]:
        """The file, piece by piece; raises RecordingDamagedError where it is not as measured."""
        yield refined_head(self._found)
        again = Measured(head=self._found.head)
        yield from self._pass(again)
        if replace(again, ends_ms=0) != replace(self._found, ends_ms=0):
            raise RecordingDamagedError

    def _sort_in(self, file: JoinedFile) -> None:
        reader = KeptReader(file.open())
        next(reader.clusters(), None)
        _, _, tracks = split_head(reader.head)
        inner, end = enter_element(tracks, 0, tracks[:4])
        entry = tracks[inner:end]
        for track in self._tracks:
            if (track.name, track.entry) == (file.name, entry):
                track.files.append(file)
                return
        self._tracks.append(_Track(file.name, file.is_picture, entry, [file]))

    def _pass(self, found: Measured) -> Iterator[bytes]:
        clusters, begins = Clusters(_CLUSTER_MS), (0, False)
        has_picture = self._tracks[0].is_picture
        streams = [_blocks(number, each) for number, each in enumerate(self._tracks, 1)]
        for block in heapq.merge(*streams, key=attrgetter("at_ms")):
            is_place = has_picture and block.track == 1 and block.is_key
            full = clusters.take() if is_place else None
            if full is not None:
                yield _note(found, full, begins)
            full = clusters.add(block.at_ms, block.data, is_key=block.is_key, track=block.track)
            if full is not None:
                yield _note(found, full, begins)
            if clusters.is_new:
                begins = block.at_ms, is_place
            found.blocks += 1
            found.ends_ms = max(found.ends_ms, float(block.at_ms))
        last = clusters.take()
        if last is not None:
            yield _note(found, last, begins)


def _note(found: Measured, cluster: Cluster, begins: tuple[int, bool]) -> bytes:
    if begins[1]:
        found.cues.append((begins[0], found.sizes))
    found.sizes += len(cluster.data)
    return cluster.data


def _blocks(number: int, track: _Track) -> Iterator[_Block]:
    """Its frames in the time of the whole; no file begins before the one before it has ended."""
    last_ms = 0
    for file in track.files:
        for cluster in KeptReader(file.open()).clusters():
            for block in read_cluster(cluster):
                last_ms = max(last_ms, file.starts_ms + block.at_ms)
                yield _Block(last_ms, number, block.data, block.is_key)


def _numbered(entry: bytes, number: int, name: str) -> bytes:
    """The same description under another number, with a name."""
    inner, end = enter_element(entry, 0, _ENTRY)
    kept, at = b"", inner
    while at < end:
        width = 9 - entry[at].bit_length()
        _, after = enter_element(entry, at, entry[at : at + width])
        if entry[at : at + width] not in _NUMBERED:
            kept += entry[at:after]
        at = after
    return track_entry(
        unsigned(_NUMBER, number) + unsigned(_UID, number) + text(_NAME, name) + kept
    )
