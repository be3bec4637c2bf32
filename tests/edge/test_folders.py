"""Files as cameras write them: by halves, again, renamed, copied, below Chinese paths."""

import os
from pathlib import Path

import pytest

from edge.kinds import Look, look_at
from tests.makers.cameras import Clock, Watch, open_watch
from tests.makers.pictures import make_jpeg, make_png, own_copy

NOWHERE = "http://127.0.0.1:9"


def taken(watch: Watch) -> int:
    """How many files count."""
    return watch.agent.store.depth().waiting


def test_a_file_that_grows_is_waited_for(tmp_path: Path) -> None:
    with open_watch(tmp_path / "导出", server=NOWHERE, token="t") as watch:
        path, data = watch.folder / "张三.jpg", make_jpeg()
        path.write_bytes(data[:300])
        watch.agent.watcher.look()
        watch.clock.now += 2
        path.write_bytes(data[:600])
        assert watch.look() == 0  # at rest, but without its end
        path.write_bytes(data)
        assert watch.look() == 1
        assert watch.look() == 0


def test_a_file_that_stays_cut_is_sent_as_it_is_for_the_server_to_judge(tmp_path: Path) -> None:
    with open_watch(tmp_path / "cam", server=NOWHERE, token="t") as watch:
        (watch.folder / "a.jpg").write_bytes(make_jpeg()[:400])
        assert watch.look() == 0
        watch.clock.now += 61
        assert watch.look() == 1


def test_the_same_bytes_go_once_and_new_bytes_go_as_a_new_file(tmp_path: Path) -> None:
    with open_watch(tmp_path / "cam", server=NOWHERE, token="t") as watch:
        data = own_copy(make_jpeg())
        (watch.folder / "a.jpg").write_bytes(data)
        (watch.folder / "copy.jpg").write_bytes(data)
        assert watch.look() == 1
        (watch.folder / "a.jpg").rename(watch.folder / "renamed.jpg")
        assert watch.look() == 0
        os.utime(watch.folder / "copy.jpg", (1, 1))
        assert watch.look() == 0
        (watch.folder / "copy.jpg").write_bytes(own_copy(make_jpeg()))
        assert watch.look() == 1
        assert taken(watch) == 2
    with open_watch(tmp_path / "cam", server=NOWHERE, token=None) as watch:
        assert watch.look() == 0


def test_what_lay_there_at_the_first_start_is_no_patient_of_today(tmp_path: Path) -> None:
    folder = tmp_path / "cam"
    folder.mkdir()
    clock = Clock()
    (folder / "old.jpg").write_bytes(own_copy(make_jpeg()))
    os.utime(folder / "old.jpg", (clock.now - 3600, clock.now - 3600))
    with open_watch(folder, server=NOWHERE, token="t", clock=clock, everything=False) as watch:
        (folder / "new.jpg").write_bytes(own_copy(make_jpeg()))
        assert watch.look() == 1
    (folder / "meanwhile.jpg").write_bytes(own_copy(make_jpeg()))
    os.utime(folder / "meanwhile.jpg", (clock.now - 7200, clock.now - 7200))
    with open_watch(folder, server=NOWHERE, token=None, clock=clock, everything=False) as watch:
        assert watch.look() == 1


def test_a_share_that_comes_after_the_first_start_brings_no_patient_of_yesterday(
    tmp_path: Path,
) -> None:
    folder, clock = tmp_path / "share", Clock()
    with open_watch(
        folder, server=NOWHERE, token="t", clock=clock, everything=False, is_there=False
    ) as watch:
        assert (watch.look(), watch.agent.watcher.trouble) == (0, "folder-missing")
        clock.now += 60
        folder.mkdir()
        (folder / "old.jpg").write_bytes(own_copy(make_jpeg()))
        os.utime(folder / "old.jpg", (clock.now - 86_400, clock.now - 86_400))
        (folder / "new.jpg").write_bytes(own_copy(make_jpeg()))
        os.utime(folder / "new.jpg", (clock.now - 30, clock.now - 30))
        assert (watch.look(), taken(watch)) == (1, 1)
    with open_watch(folder, server=NOWHERE, token=None, clock=clock, everything=False) as watch:
        assert (watch.look(), taken(watch)) == (0, 1)


def test_a_share_that_is_gone_is_said_and_comes_back(tmp_path: Path) -> None:
    with open_watch(tmp_path / "share", server=NOWHERE, token="t") as watch:
        watch.folder.rmdir()
        assert (watch.look(), watch.agent.watcher.trouble) == (0, "folder-missing")
        (watch.folder / "患者").mkdir(parents=True)
        (watch.folder / "患者" / "a.png").write_bytes(make_png())
        (watch.folder / "link.png").symlink_to(watch.folder / "患者" / "a.png")
        assert (watch.look(), watch.agent.watcher.trouble) == (1, None)


@pytest.mark.parametrize(
    ("data", "look"),
    [
        (b"", Look.EMPTY),
        (bytes(4096), Look.EMPTY),
        (make_jpeg(), Look.WHOLE),
        (make_jpeg()[:-2], Look.CUT),
        (make_png()[:-12], Look.CUT),
        (bytes(128) + b"DICM" + bytes(10), Look.WHOLE),
        (b"II*\0" + bytes(8), Look.WHOLE),
        (b"PK\3\4" + bytes(8), Look.OTHER),
        (b"[Trash]\r\n", Look.OTHER),
    ],
)
def test_a_file_is_known_by_its_content(data: bytes, look: Look) -> None:
    assert look_at(data[:512], data[-4096:]) is look
