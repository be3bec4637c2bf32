"""The media process as a part of the whole house: on where it is wanted, and started again."""

import json
import os
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from server.media.asking import MediaAwayError, MediaDesk
from tests.makers.house import House, open_house
from tests.makers.media_house import eventually

pytestmark = pytest.mark.server


def ready(house: House) -> dict[str, Any]:
    with urllib.request.urlopen(f"{house.base}/readyz", timeout=30) as answer:  # noqa: S310 - our own address
        found: dict[str, Any] = json.loads(answer.read())
    return found


async def test_a_killed_media_process_is_started_again_and_web_is_told(tmp_path: Path) -> None:
    with open_house(tmp_path / "data", media="true", media_path="c1") as house:
        desk = MediaDesk(tmp_path / "data" / "run" / "media.sock")
        await eventually(lambda: ready(house)["away"] == [])
        before = await desk.ask("health")
        assert before["way"] == "c1"
        assert (await desk.ask("open", room="lost", key="0" * 64))["opened"]
        os.kill(before["born"], signal.SIGKILL)
        await eventually(lambda: "media away, its rooms are gone" in house.log())
        await eventually(lambda: ready(house)["away"] == [])
        with pytest.raises(MediaAwayError):  # the old line is told once
            await desk.ask("health")
        after = await desk.ask("health")
        assert after["born"] != before["born"]
        assert (await desk.ask("stats", room="lost"))["refused"] == "no-such-room"
        assert house.log().count('"media there"') == 2
        desk.close()


def test_without_the_setting_there_is_no_such_process_and_nobody_misses_it(tmp_path: Path) -> None:
    with open_house(tmp_path / "data") as house:
        assert ready(house)["away"] == []
        assert not (tmp_path / "data" / "run" / "media.sock").exists()
        assert "aiortc" not in house.log()


async def test_an_engine_that_is_not_as_we_knew_it_is_told_in_the_readiness(tmp_path: Path) -> None:
    """The short way fails where the sockets are not ours: here a broken engine is put first."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'media' in sys.argv[1:] or sys.orig_argv[-1:] == ['media']:\n"
        "    import server.media.ingress as ingress\n"
        "    ingress.Ingress.take = None\n"
    )
    path = os.pathsep.join([str(broken), os.environ.get("PYTHONPATH", "")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", path)
        with open_house(tmp_path / "data", media="true") as house:
            await eventually(lambda: ready(house)["warnings"].count("media-slower-way"))
            assert ready(house)["ready"]
            assert "media way fails" in house.log()


def test_the_clinic_goes_on_where_video_has_an_address_that_is_not_ours(tmp_path: Path) -> None:
    with open_house(tmp_path / "data", media="true", media_address="192.0.2.199") as house:
        found = ready(house)
        assert (found["ready"], found["away"]) == (True, ["media"])
