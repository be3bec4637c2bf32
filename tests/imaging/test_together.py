"""Calm objects may share a child of the jail: each is seen as it is seen alone, or none is."""

import random
from pathlib import Path
from typing import Any

import pytest

from imaging.calm import MOST_TOGETHER, OUTPUTS_EACH
from imaging.errors import JailCrashedError, JailRefusedError
from tests.makers.hostile import deep_sequences, sound_picture
from tests.makers.jails import RunningJail, content, files, running_jail

_FOLDERS = ("explicit-vr-le", "implicit-vr-le", "structured-report", "ophthalmic")
Looked = tuple[dict[str, Any], list[bytes]]


def _together(jail: RunningJail, some: list[bytes]) -> list[Looked] | None:
    with files(*some, *[b""] * OUTPUTS_EACH * len(some)) as opened:
        inputs, outputs = opened[: len(some)], opened[len(some) :]
        told = jail.client.run_blocking("receive_many", {}, inputs=inputs, outputs=outputs)
        if not told["is_calm"]:
            return None
        own = [
            [content(each) for each in outputs[at : at + OUTPUTS_EACH]]
            for at in range(0, len(outputs), OUTPUTS_EACH)
        ]
    return list(zip(told["told"], own, strict=True))


def _alone(jail: RunningJail, data: bytes) -> Looked:
    with files(data, *[b""] * OUTPUTS_EACH) as (given, *outputs):
        told = jail.client.run_blocking("receive", {}, inputs=[given], outputs=outputs)
        return told, [content(each) for each in outputs]


@pytest.fixture(scope="module")
def calm(jail: RunningJail, real_files: Path) -> list[bytes]:
    """Real objects of native pixels that are taken."""
    found = [
        path.read_bytes()
        for name in _FOLDERS
        for path in sorted((real_files / "dicom" / name).iterdir())
        if path.stat().st_size < 1 << 20
    ]
    return [each for each in found if _together(jail, [each]) is not None]


def test_each_is_seen_as_it_is_seen_alone_whatever_stands_beside_it(
    jail: RunningJail, calm: list[bytes]
) -> None:
    assert len(calm) > MOST_TOGETHER
    alone = {each: _alone(jail, each) for each in calm}
    chance = random.Random(7)  # noqa: S311 - an order, no secret
    for _ in range(4):
        some = chance.sample(calm, MOST_TOGETHER)
        assert _together(jail, some) == [alone[each] for each in some]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_coded_pixels_share_no_child(
    jail: RunningJail, calm: list[bytes], real_files: Path, place: int
) -> None:
    coded = (real_files / "dicom" / "jpeg-baseline" / "SC_rgb_jpeg_dcmtk.dcm").read_bytes()
    assert _alone(jail, coded)[0]["verdict"] == "accepted"
    some = calm[:2]
    some.insert(place, coded)
    assert _together(jail, some) is None


def test_beside_a_damaged_object_nothing_is_told_of_any(
    jail: RunningJail, calm: list[bytes]
) -> None:
    assert _together(jail, [calm[0], calm[1][:-9]]) is None
    assert _together(jail, [calm[0], deep_sequences(), calm[1]]) is None


def test_more_than_may_stand_together_are_refused(jail: RunningJail) -> None:
    some = [sound_picture()] * (MOST_TOGETHER + 1)
    with pytest.raises(JailRefusedError), files(*some[:2], *[b""] * 5) as opened:
        jail.client.run_blocking("receive_many", {}, inputs=opened[:2], outputs=opened[2:])
    with pytest.raises(JailRefusedError):
        jail.client.run_blocking("receive_many", {})


def test_a_child_that_dies_is_not_asked_again_for_all_of_them(tmp_path: Path) -> None:
    with running_jail(tmp_path, "--jobs", "tests.makers.probe_jobs") as dying:
        with files(sound_picture(), *[b""] * OUTPUTS_EACH) as (given, *outputs):
            with pytest.raises(JailCrashedError):
                dying.client.run_blocking("receive_many", {}, inputs=[given], outputs=outputs)
            assert dying.client.run_blocking("receive", {}, inputs=[given], outputs=outputs)
