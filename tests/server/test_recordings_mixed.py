"""One picture and one sound of a recording, made by the hospital's ffmpeg as it leaves."""

import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consult.kernel.work import Role
from server.recordings.mixer import Mixing, NotMixedError
from server.recordings.mixing import (
    MOST_INPUTS,
    MixedTrack,
    TooMuchToMixError,
    arguments,
    choose,
    size_of,
)
from tests.makers import clips
from tests.makers.clips import Piece
from tests.makers.kept_files import keep, record
from tests.makers.recorded_calls import RecordedCall, open_recording_house, recorded_call
from tests.makers.tampered import Tampered
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

_IN_STEP_S = 0.06 + 1 / 15  # what is seen is seen with the next of fifteen pictures a second
_LATER_MS = 4000
_TILE = (640, 360)


def program() -> Path:
    found = shutil.which("ffmpeg")
    assert found is not None
    return Path(found)


def pieces_of(path: Path, size: int = 5000) -> Iterable[bytes]:
    data = path.read_bytes()
    return (data[at : at + size] for at in range(0, len(data), size))


class Mixed:
    """Kept clips on their way into one file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.program = folder, program()
        self.tracks: list[MixedTrack] = []
        self.paths: list[Path] = []

    def add(self, name: str, source: str, starts_ms: int, pieces: list[Piece]) -> None:
        """A clip of three seconds as it is kept, shown for that time."""
        folder = self.folder / str(len(self.paths))
        folder.mkdir()
        self.paths.append(keep(*record(folder, source, pieces)))
        is_picture = source == "camera"
        codec = "vp8" if is_picture else "opus"
        shown = [(starts_ms, starts_ms + 3000)]
        self.tracks.append(MixedTrack(name, is_picture, codec, starts_ms, shown))

    async def make(self, length_ms: int) -> Path:
        openings = [lambda path=path: pieces_of(path) for path in self.paths]
        mixing = Mixing(self.program, self.tracks, openings, length_ms)
        path = self.folder / "mixed.webm"
        pieces: list[bytes] = []

        async def write(piece: bytes) -> None:
            pieces.append(piece)

        await mixing.make(write)
        path.write_bytes(b"".join(pieces))
        return path


def one_tile(path: Path, number: int) -> Path:
    """The file with one place of its picture alone, and all of its sound."""
    width, height = _TILE
    found = path.with_name(f"tile-{number}.mkv")
    cut = f"crop={width}:{height}:{number * width}:0"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-vf", cut, "-c:v", "ffv1", "-an", str(found)],
        check=True,
        timeout=120,
    )
    return found


def length_s(path: Path) -> float:
    """As a player shows it before it has played anything."""
    told = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-show_entries", "format=duration"),
            *("-of", "csv=p=0", str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return float(told.stdout)


async def test_both_sides_stand_beside_each_other_are_heard_and_are_in_step(
    tmp_path: Path,
) -> None:
    mixed = Mixed(tmp_path)
    mixed.add("申请方", "camera", 0, clips.pictures(3))
    mixed.add("申请方 声", "microphone", 0, clips.sound(3))
    mixed.add("会诊方", "camera", _LATER_MS, clips.pictures(3))
    mixed.add("会诊方 声", "microphone", _LATER_MS, clips.sound(3))
    path = await mixed.make(7000)
    streams = clips.probe(path)["streams"]
    assert [each["codec_name"] for each in streams] == ["vp8", "opus"]
    assert (streams[0]["width"], streams[0]["height"]) == (1280, 360)
    assert length_s(path) == pytest.approx(7.0, abs=0.05)
    left, right = (clips.flashes_s(one_tile(path, number)) for number in (0, 1))
    heard = clips.tones_s(path)
    assert left == pytest.approx([1.0, 2.0], abs=_IN_STEP_S)
    assert right == pytest.approx([4.0, 5.0, 6.0], abs=_IN_STEP_S)
    for shown in (*left, *right):
        assert min(abs(shown - tone) for tone in heard) <= _IN_STEP_S, (shown, heard)


async def test_a_picture_that_changes_its_size_and_a_second_part_stay_in_their_place(
    tmp_path: Path,
) -> None:
    mixed = Mixed(tmp_path)
    pieces = list(clips.pictures(1))
    for second, size in enumerate(("160x120", "640x360", "320x180"), 1):  # other shapes too
        again = clips.pictures(1, size=size)
        pieces += [Piece(each.at_s + second, each.data) for each in again]
    mixed.add("申请方", "camera", 0, pieces)
    mixed.add("申请方", "camera", 5000, clips.pictures(3))
    mixed.tracks[0] = replace(mixed.tracks[0], shown_ms=[(0, 4000)])
    path = await mixed.make(8000)
    stream = clips.probe(path)["streams"][0]
    assert (stream["width"], stream["height"]) == _TILE
    flashes = clips.flashes_s(path)
    assert flashes == pytest.approx([1.0, 2.0, 3.0, 5.0, 6.0, 7.0], abs=_IN_STEP_S)


async def test_a_pause_shows_nothing(tmp_path: Path) -> None:
    mixed = Mixed(tmp_path)
    mixed.add("申请方", "camera", 0, clips.pictures(3))
    mixed.tracks[0] = replace(mixed.tracks[0], shown_ms=[(0, 1500), (2500, 3000)])
    path = await mixed.make(3000)
    assert [round(each) for each in clips.flashes_s(path)] == [1]


async def test_a_damaged_track_and_a_missing_program_are_said(tmp_path: Path) -> None:
    mixed = Mixed(tmp_path)
    mixed.add("申请方", "camera", 0, clips.pictures(3))
    mixed.paths[0].write_bytes(b"nothing that a player knows" * 100)
    with pytest.raises(NotMixedError):
        await mixed.make(3000)
    mixed.program = tmp_path / "no-such-program"
    with pytest.raises(NotMixedError):
        await mixed.make(3000)


def test_six_pictures_at_most_and_every_voice() -> None:
    def track(name: str, codec: str = "vp8") -> MixedTrack:
        return MixedTrack(name, codec != "opus", codec, 0, [(0, 1000)])

    people = [track(str(number)) for number in range(8)]
    voices = [track(f"{number} voice", "opus") for number in range(8)]
    assert choose([*people, *voices]) == [*range(6), *range(8, 16)]
    assert choose([track("a"), track("shown", "webvtt"), track("a")]) == [0, 2]
    assert [size_of(count) for count in (0, 1, 2, 3, 4, 5, 6)] == [
        (640, 360), (640, 360), (1280, 360), (1280, 720), (1280, 720), (1920, 720), (1920, 720)
    ]  # fmt: skip
    for too_much in ([], voices * MOST_INPUTS):
        with pytest.raises(TooMuchToMixError):
            choose(too_much)
    words = arguments([track("a; movie=/etc/passwd")], [5], 1000)
    assert not [word for word in words if re.search("passwd", word)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    place = tmp_path_factory.mktemp("mixed") / "house"
    with open_recording_house(place, recording_mixer=str(program())) as opened:
        yield opened


@pytest.fixture
async def call(house: WorldHouse) -> AsyncIterator[RecordedCall]:
    async with recorded_call(house) as opened:
        yield opened


@pytest.mark.server
@pytest.mark.timeout(300)
async def test_it_leaves_with_its_reason_and_a_damaged_track_is_said_before_anything_leaves(
    call: RecordedCall, tmp_path: Path
) -> None:
    await call.begin()
    await call.everyone_told("on")
    await call.talk(2)
    await call.step(call.host, "stop")
    await call.taken(call.host, 4)
    recording_id = (await call.recordings(call.host))[0]
    page = f"/cases/{call.case_id}/recordings/{recording_id}"
    assert "导出为合成画面" in (await call.host.page(page))[1]
    door = f"{call.host.base}{page}/mixed"
    assert (await call.host.picture(door))[0] == 422
    status, data = await call.host.picture(f"{door}?reason=archive")
    assert status == 200
    path = tmp_path / "mixed.webm"
    path.write_bytes(data)
    found = clips.probe(path)
    assert [each["codec_name"] for each in found["streams"]] == ["vp8", "opus"]
    assert found["streams"][0]["width"] == 2 * _TILE[0]
    assert length_s(path) > 1.5
    photographer = call.house.world.person(Side.HOME, Role.PHOTOGRAPHER)
    async with call.house.visitor(photographer) as visitor:
        assert (await visitor.picture(f"{door}?reason=archive"))[0] == 403
    damage_a_track(call.house.house.data_dir)
    assert (await call.host.picture(f"{door}?reason=archive"))[0] == 422


def damage_a_track(data_dir: Path) -> None:
    """Take the last byte from a file that is kept of a recording."""
    ((key,),) = Tampered(data_dir).query("SELECT max(key) FROM room_recording_tracks")
    institution, blob = str(key).split("/")
    stored = data_dir / "blobs" / institution / blob[-2:] / blob
    stored.write_bytes(stored.read_bytes()[:-1])
