"""Files of recordings, for tests: as the media process writes them, and as they are kept."""

from collections.abc import Sequence
from pathlib import Path

from server.media.recording.frames import Frame
from server.media.recording.manifest import TrackFacts
from server.media.recording.opus import sounding_ticks
from server.media.recording.track_file import TrackFile
from server.recordings.reading import measure_track, write_track
from tests.makers.clips import Piece

KEY = bytes(range(32))


def record(folder: Path, source: str, pieces: Sequence[Piece]) -> tuple[Path, TrackFacts]:
    """A file as the media process writes it."""
    codec = "opus" if source == "microphone" else "vp8"
    facts = TrackFacts(f"{source}.sealed", "ann/first", source, codec)
    file = TrackFile(folder, facts, KEY, 0.4)
    for number, piece in enumerate(pieces):
        frame = Frame(
            stamp=0,
            data=piece.data,
            is_key=codec == "opus" or not piece.data[0] & 1,
            ticks=sounding_ticks(piece.data) if codec == "opus" else 0,
            size=None if codec == "opus" else (320, 240),
        )
        if number == 0:
            file.begin(frame, piece.at_s)
        file.add(frame, piece.at_s, piece.at_s)
    file.close()
    return folder / facts.file, facts


def keep(path: Path, facts: TrackFacts) -> Path:
    """The file as it is kept."""
    kept = path.with_suffix(".webm")
    with kept.open("wb") as out:
        write_track(path, facts, KEY, measure_track(path, facts, KEY), out.write)
    return kept
