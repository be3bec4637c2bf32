"""Photographs of the demonstration are drawn in a jail that only seeding starts."""

from pathlib import Path
from typing import Any

import pytest

from imaging.errors import JailError, JailRefusedError
from tests.makers.jails import RunningJail, content, files, running_jail

DRAWING = ("--jobs", "imaging.jail.drawing")
SPEC: dict[str, Any] = {"seed": 7, "eye": "R", "field": "macula", "icdr": 2, "size_px": 200}
AT = "2026-01-05T09:12:31"

pytestmark = pytest.mark.server


def drawn(jail: RunningJail, spec: dict[str, Any], captured_at: str | None = AT) -> bytes:
    with files(b"") as (output,):
        params = {"spec": spec, "captured_at": captured_at}
        jail.client.run_blocking("draw", params, outputs=[output])
        return content(output)


def test_a_drawing_comes_in_as_the_photograph_of_a_camera(tmp_path: Path) -> None:
    with running_jail(tmp_path, *DRAWING) as jail:
        picture = drawn(jail, SPEC)
        assert picture == drawn(jail, SPEC)
        told = jail.inspect(picture, filename="IMG_0001_OD.JPG")
    assert told["kind"] == "photograph"
    assert told["facts"]["captured_at"] == AT
    assert told["facts"]["captured_source"] == "exif"


@pytest.mark.parametrize(
    ("spec", "captured_at", "param"),
    [
        ({**SPEC, "icdr": 9}, AT, "spec.icdr"),
        ({"seed": 7}, AT, "spec.eye"),
        (SPEC, None, "captured_at"),
        (SPEC, "2026-01-05T09:12:31+08:00", "captured_at"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_its_name(
    tmp_path: Path, spec: dict[str, Any], captured_at: str | None, param: str
) -> None:
    with running_jail(tmp_path, *DRAWING) as jail:
        with pytest.raises(JailRefusedError) as refused:
            drawn(jail, spec, captured_at)
    assert refused.value.facts == {"param": param}


def test_the_worker_of_an_installation_cannot_draw(tmp_path: Path) -> None:
    with running_jail(tmp_path) as jail:
        with pytest.raises(JailError):
            drawn(jail, SPEC)
