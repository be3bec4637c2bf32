"""A track as it is kept: with a length, an index, and silence for what is gone."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from server.media.recording.frames import Frame
from server.media.recording.manifest import TrackFacts
from server.media.recording.opus import sounding_ticks
from server.media.recording.sealing import RecordingDamagedError
from server.media.recording.track_file import TrackFile
from server.recordings.reading import measure_track, write_track
from tests.makers import clips
from tests.makers.clips import Piece

_KEY = bytes(range(32))


def record(folder: Path, source: str, pieces: Sequence[Piece]) -> tuple[Path, TrackFacts]:
    """A file as the media process writes it."""
    codec = "opus" if source == "microphone" else "vp8"
    facts = TrackFacts(f"{source}.sealed", "ann/first", source, codec)
    file = TrackFile(folder, facts, _KEY, 0.4)
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
        write_track(path, facts, _KEY, measure_track(path, facts, _KEY), out.write)
    return kept


def test_silence_stands_for_what_nobody_sent(tmp_path: Path) -> None:
    heard = clips.sound(4)
    path, facts = record(tmp_path, "microphone", [p for p in heard if not 0.5 <= p.at_s < 2.5])
    found = clips.probe(keep(path, facts))
    times = [float(each["pts_time"]) for each in found["frames"]]
    assert len(times) == len(heard)
    assert all(abs(after - before - 0.02) < 0.002 for before, after in pairwise(times))
    tones = clips.tones_s(path.with_suffix(".webm"))
    assert any(abs(each - 3) < 0.06 for each in tones), tones


def test_a_player_finds_every_whole_picture_and_the_length(tmp_path: Path) -> None:
    shown = clips.pictures(4)
    path, facts = record(tmp_path, "camera", shown)
    kept = keep(path, facts)
    found = clips.probe(kept)
    assert len(found["frames"]) == len(shown)
    keys = [float(each["pts_time"]) for each in found["frames"] if each["key_frame"]]
    assert len(keys) == 4
    data = kept.read_bytes()
    assert data.count(b"\x1c\x53\xbb\x6b") == 1  # Cues, before the first cluster
    assert data.index(b"\x1c\x53\xbb\x6b") < data.index(b"\x1f\x43\xb6\x75")
    assert b"\x44\x89" in data[:200]  # Duration
    assert clips.flashes_s(kept)


def test_a_file_that_is_not_what_the_manifest_says_is_refused(tmp_path: Path) -> None:
    path, facts = record(tmp_path, "microphone", clips.sound(1))
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(RecordingDamagedError):
        measure_track(path, facts, _KEY)
    path.write_bytes(data)
    facts.webm_sha256 = "0" * 64
    with pytest.raises(RecordingDamagedError):
        measure_track(path, facts, _KEY)
