"""A track as it is kept: with a length, an index, and silence for what is gone."""

from itertools import pairwise
from pathlib import Path

import pytest

from server.media.recording.sealing import RecordingDamagedError
from server.recordings.reading import measure_track
from tests.makers import clips
from tests.makers.kept_files import KEY, keep, record


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
        measure_track(path, facts, KEY)
    path.write_bytes(data)
    facts.webm_sha256 = "0" * 64
    with pytest.raises(RecordingDamagedError):
        measure_track(path, facts, KEY)
