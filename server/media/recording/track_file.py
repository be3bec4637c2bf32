"""One file of a part, on the disk: sealed a cluster at a time, each synced before the next."""

import contextlib
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from consult.kernel.disk import write_all
from server.media.recording.frames import Frame
from server.media.recording.manifest import TrackFacts
from server.media.recording.sealing import SALT_BYTES, Sealer
from server.media.recording.webm import Cluster, Clusters, file_head

_TICKS_A_MS: Final = 48


class TrackFile:
    """Frames in, whole chunks on the disk; raises OSError where the disk takes no more.

    After such a failure the file holds whole chunks alone, and takes no more frames.
    """

    def __init__(self, folder: Path, facts: TrackFacts, key: bytes, cluster_s: float) -> None:
        self.facts = facts
        self.first_s = 0.0
        self._clusters = Clusters(int(cluster_s * 1000))
        self._cluster_s = cluster_s
        self._waits_since_s: float | None = None
        self._sealer = Sealer(key, secrets.token_bytes(SALT_BYTES))
        self._stored, self._plain = hashlib.sha256(), hashlib.sha256()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(folder / facts.file, flags, 0o600)
        self._is_open = True
        self._kept = 0, 0  # frames that are on the disk, and until when they go

    def begin(self, frame: Frame, at_s: float) -> None:
        """Write what stands before the first frame, which was made then."""
        self.first_s = at_s
        size = frame.size or (0, 0)
        self._put(self._sealer.head)
        self._put_chunk(
            file_head(self.facts.codec.partition("/")[0], size=size, private=frame.private), 0
        )

    def add(self, frame: Frame, at_s: float, now_s: float) -> bool:
        """Add a frame that was made then; whether the picture has another size from here on."""
        if not self._is_open:
            return False
        at_ms = max(round((at_s - self.first_s) * 1000), self._clusters.last_ms)
        full = self._clusters.add(at_ms, frame.data, is_key=frame.is_key)
        if full is not None:
            self._put_cluster(full)
        if full is not None or self._waits_since_s is None:
            self._waits_since_s = now_s
        self.facts.frames += 1
        self.facts.length_ms = at_ms + frame.ticks // _TICKS_A_MS
        return frame.size is not None and self.facts.note_size(at_ms, frame.size)

    def move(self, by_s: float) -> None:
        """All of it was made so much later than was thought."""
        self.first_s += by_s

    def flush_old(self, now_s: float) -> None:
        """Have on the disk what has waited long enough."""
        if self._waits_since_s is not None and now_s - self._waits_since_s >= self._cluster_s:
            self.flush()

    def flush(self) -> None:
        """Have everything on the disk."""
        self._waits_since_s = None
        gathered = self._clusters.take()
        if gathered is not None:
            self._put_cluster(gathered)

    def close(self) -> None:
        """Write the end; the hashes are those of the whole file then."""
        if not self._is_open:
            return
        try:
            self.flush()
            self._put(self._sealer.seal(b"", self.facts.length_ms, final=True))
            self.facts.is_whole = True
            self.facts.webm_sha256 = self._plain.hexdigest()
        finally:
            self.give_up()

    def give_up(self) -> None:
        """Leave the file as it is, and say what is in it."""
        if self._is_open:
            self._is_open = False
            if not self.facts.is_whole:
                self.facts.frames, self.facts.length_ms = self._kept
            self.facts.sha256 = self._stored.hexdigest()
            os.close(self._descriptor)

    def _put_cluster(self, cluster: Cluster) -> None:
        self._put_chunk(cluster.data, cluster.ends_ms)
        self._kept = self.facts.frames, cluster.ends_ms

    def _put_chunk(self, plain: bytes, ends_ms: int) -> None:
        self._put(self._sealer.seal(plain, ends_ms))
        self._plain.update(plain)

    def _put(self, piece: bytes) -> None:
        if not self._is_open:
            return
        try:
            write_all(self._descriptor, piece)
            os.fdatasync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.facts.bytes)
            self.give_up()
            raise
        self._stored.update(piece)
        self.facts.bytes += len(piece)
