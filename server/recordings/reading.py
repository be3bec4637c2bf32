"""A sealed track, read twice: held to its hashes and measured, then written ready to be played."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.media.recording.manifest import TrackFacts
from server.media.recording.sealing import RecordingDamagedError, open_sealed
from server.recordings.refining import Measured, Refiner, refined_head


@dataclass(frozen=True, slots=True)
class MeasuredTrack:
    """What the first reading found; the hash is that of the WebM as it was recorded."""

    measured: Measured
    sha256: str


def measure_track(path: Path, facts: TrackFacts, key: bytes) -> MeasuredTrack:
    """Read it through; raises RecordingDamagedError where it is not what the manifest says."""
    with path.open("rb") as file:
        stored = hashlib.file_digest(file, "sha256").hexdigest()
        if file.tell() != facts.bytes or stored != facts.sha256:
            raise RecordingDamagedError
        file.seek(0)
        refiner, plain = Refiner(_codec_of(facts)), hashlib.sha256()

        def take(chunk: bytes) -> None:
            plain.update(chunk)
            if chunk:
                for _ in refiner.add(chunk):
                    pass

        is_whole = open_sealed(file.read, key, take)
    for _ in refiner.finish():
        pass
    if is_whole is not facts.is_whole or (is_whole and plain.hexdigest() != facts.webm_sha256):
        raise RecordingDamagedError
    return MeasuredTrack(refiner.measured, plain.hexdigest())


def write_track(
    path: Path,
    facts: TrackFacts,
    key: bytes,
    found: MeasuredTrack,
    write: Callable[[bytes], object],
) -> None:
    """Hand out what is kept, piece by piece; raises RecordingDamagedError."""
    write(refined_head(found.measured))
    refiner = Refiner(_codec_of(facts))

    def take(chunk: bytes) -> None:
        if chunk:
            for cluster in refiner.add(chunk):
                write(cluster)

    with path.open("rb") as file:
        open_sealed(file.read, key, take)
    for cluster in refiner.finish():
        write(cluster)
    if refiner.measured != found.measured:
        raise RecordingDamagedError


def _codec_of(facts: TrackFacts) -> str:
    return facts.codec.partition("/")[0]
