"""A recording as one file that plays alone: every track in it, in step, named by its part."""

from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consult.kernel.work import Role
from server.media.recording.sealing import RecordingDamagedError
from server.recordings.joining import JoinedFile, Joining, TooManyTracksError
from tests.makers import clips
from tests.makers.kept_files import keep, record
from tests.makers.recorded_calls import (
    RecordedCall,
    open_recording_house,
    recorded_call,
    shows_and_points,
)
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

_IN_STEP_S = 0.06
_LATER_MS = 5000


def pieces_of(path: Path, size: int = 1000) -> Iterable[bytes]:
    data = path.read_bytes()
    return (data[at : at + size] for at in range(0, len(data), size))


def kept_file(folder: Path, name: str, source: str, starts_ms: int) -> JoinedFile:
    """Three seconds of a clip, as they are kept, under this name."""
    folder.mkdir(exist_ok=True)
    pieces = clips.sound(3) if source == "microphone" else clips.pictures(3)
    path = keep(*record(folder, source, pieces))
    return JoinedFile(name, source == "camera", starts_ms, lambda: pieces_of(path))


def join(files: list[JoinedFile], into: Path) -> Path:
    joining = Joining(files)
    size = joining.measure()
    path = into / "joined.mkv"
    path.write_bytes(b"".join(joining.write()))
    assert path.stat().st_size == size
    return path


def test_both_sides_are_in_one_file_each_in_its_place_of_the_time(tmp_path: Path) -> None:
    names = ("申请方 麦克风 / Inviting side microphone", "会诊方 麦克风 / Invited side microphone")
    files = [
        kept_file(tmp_path / "a", names[0], "microphone", 0),
        kept_file(tmp_path / "b", "会诊方 / Invited side", "camera", _LATER_MS),
        kept_file(tmp_path / "c", names[1], "microphone", _LATER_MS),
    ]
    path = join(files, tmp_path)
    found = clips.probe(path)
    assert [each["codec_name"] for each in found["streams"]] == ["vp8", "opus", "opus"]
    assert [each["tags"]["title"] for each in found["streams"][1:]] == list(names)
    for number, starts_ms in enumerate((_LATER_MS, 0, _LATER_MS)):
        own = [each for each in found["frames"] if each["stream_index"] == number]
        times = [float(each["pts_time"]) for each in own]
        assert abs(times[0] - starts_ms / 1000) <= _IN_STEP_S
        assert abs(times[-1] - starts_ms / 1000 - 3) <= _IN_STEP_S


def test_a_second_part_goes_on_in_the_track_of_the_first(tmp_path: Path) -> None:
    files = [
        kept_file(tmp_path / str(part), "申请方 / Inviting side", "camera", part * _LATER_MS)
        for part in (1, 0)
    ]
    path = join(files, tmp_path)
    found = clips.probe(path)
    assert len(found["streams"]) == 1
    times = [float(each["pts_time"]) for each in found["frames"]]
    assert len(times) == 2 * len(clips.pictures(3))
    assert times == sorted(times)
    assert path.read_bytes().count(b"\x1c\x53\xbb\x6b") == 1  # an index, and one alone


def test_what_is_damaged_or_too_much_is_known_before_anything_is_written(tmp_path: Path) -> None:
    file = kept_file(tmp_path / "a", "x", "microphone", 0)
    data = b"".join(bytes(each) for each in file.open())
    torn = JoinedFile("x", False, 0, lambda: iter([data[:-7]]))  # noqa: FBT003
    with pytest.raises(RecordingDamagedError):
        Joining([torn]).measure()
    with pytest.raises(TooManyTracksError):
        Joining([]).measure()
    many = [JoinedFile(str(number), False, 0, file.open) for number in range(127)]  # noqa: FBT003
    with pytest.raises(TooManyTracksError):
        Joining(many).measure()
    assert Joining(many[:126]).measure() > len(data)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    with open_recording_house(tmp_path_factory.mktemp("joined") / "house") as opened:
        yield opened


@pytest.fixture
async def call(house: WorldHouse) -> AsyncIterator[RecordedCall]:
    async with recorded_call(house) as opened:
        yield opened


@pytest.mark.server
@pytest.mark.timeout(300)
async def test_it_leaves_with_its_reason_by_who_may_take_files_and_names_no_person(
    call: RecordedCall, tmp_path: Path
) -> None:
    await call.begin()
    await call.everyone_told("on")
    await shows_and_points(call)
    await call.talk(2)
    await call.step(call.host, "stop")
    await call.taken(call.host, 4)
    recording_id = (await call.recordings(call.host))[0]
    door = f"/cases/{call.case_id}/recordings/{recording_id}/file"
    assert (await call.host.picture(f"{call.host.base}{door}"))[0] == 422
    status, data = await call.host.picture(f"{call.host.base}{door}?reason=archive")
    assert status == 200
    path = tmp_path / "recording.mkv"
    path.write_bytes(data)
    is_right(clips.probe(path)["streams"])
    person = call.house.world.person
    for stranger, expected in (
        (person(Side.AWAY, Role.EXPERT), 404),
        (person(Side.HOME, Role.MANAGER), 403),
        (person(Side.HOME, Role.PHOTOGRAPHER), 403),
    ):
        async with call.house.visitor(stranger) as visitor:
            answer = await visitor.picture(f"{visitor.base}{door}?reason=archive")
            assert answer[0] == expected
    _, timeline = await call.host.page(f"/cases/{call.case_id}")
    assert "导出视频会诊录像" in timeline


def is_right(streams: list[dict[str, Any]]) -> None:
    """Two pictures, two voices and what was shown, each by its side."""
    kinds = sorted(each["codec_name"] for each in streams)
    assert kinds == ["opus", "opus", "vp8", "vp8", "webvtt"]
    titles = {each["tags"]["title"] for each in streams}
    assert titles == {
        "申请方 摄像头 / Inviting side camera",
        "申请方 麦克风 / Inviting side microphone",
        "会诊方 摄像头 / Invited side camera",
        "会诊方 麦克风 / Invited side microphone",
        "共看的影像 / shared picture",
    }
