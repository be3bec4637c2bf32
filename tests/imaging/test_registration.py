"""One photograph of an eye is laid over another of the same eye, and over no other's (VW-03)."""

import cmath
import io
import math
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imaging.errors import Refusal, RefusedError
from imaging.fundus.registration import Similarity, register
from imaging.jail.params import Params
from imaging.jail.registering import register_photographs
from server.rules.rulebook import read_toml
from server.rules.viewing import parse_viewing_rules
from tests.makers.consortium import CONFIG

TOLERANCE_PX = 0.5
RULES = parse_viewing_rules(read_toml(CONFIG / "viewing.toml"))


@pytest.fixture(scope="module")
def photographs(real_files: Path) -> list[Image.Image]:
    """Photographs of different eyes, as large as previews."""
    found = []
    for path in sorted((real_files / "image" / "fundus").glob("*.jpg")):
        picture = Image.open(path).convert("RGB")
        picture.thumbnail((1024, 1024))
        found.append(picture)
    return found


def moved(picture: Image.Image, *, turn: float, size: float, shift: complex) -> Similarity:
    """A movement about the middle."""
    factor = size * cmath.exp(1j * math.radians(turn))
    middle = complex(picture.width / 2, picture.height / 2)
    return Similarity(factor, middle - factor * middle + shift)


def as_later(picture: Image.Image, known: Similarity, *, noise: float = 0) -> Image.Image:
    """The photograph moved, in another light, with noise, coded again."""
    back = known.inverse()
    factor, shift = back.factor, back.shift
    way = (factor.real, -factor.imag, shift.real, factor.imag, factor.real, shift.imag)
    later = picture.transform(picture.size, Image.Transform.AFFINE, way, Image.Resampling.BICUBIC)
    values = np.asarray(later, np.float64)
    lit = values.max(axis=2, keepdims=True) > 10
    grain = np.random.default_rng(5).normal(0, noise, values.shape) if noise else 0.0
    light = np.linspace(0.6, 1.1, values.shape[1])[None, :, None] if noise else 1.0
    coded = io.BytesIO()
    told = np.clip(values * light + grain * lit, 0, 255).astype(np.uint8)
    Image.fromarray(told).save(coded, "JPEG", quality=85)
    return Image.open(coded).convert("RGB")


def error_px(found: Similarity, known: Similarity, picture: Image.Image) -> float:
    """How far the two lay a place apart at most, over the middle of the picture."""
    places = [
        complex(picture.width * across / 4, picture.height * down / 4)
        for across in (1, 2, 3)
        for down in (1, 2, 3)
    ]
    return max(
        abs((found.factor - known.factor) * place + found.shift - known.shift) for place in places
    )


@pytest.mark.parametrize(
    ("turn", "size", "shift", "noise"),
    [(0, 1, 0j, 0), (7, 1.06, 25 - 18j, 0), (-6, 0.9, -60 + 30j, 6), (14, 1.2, 40 + 20j, 3)],
)
def test_a_known_movement_of_a_real_photograph_is_found_again(
    photographs: list[Image.Image], turn: float, size: float, shift: complex, noise: float
) -> None:
    for picture in (photographs[0], photographs[-1]):
        known = moved(picture, turn=turn, size=size, shift=shift)
        found = register(as_later(picture, known, noise=noise), picture)
        assert found is not None
        assert error_px(found.similarity, known, picture) < TOLERANCE_PX
        assert found.residual <= RULES.most_residual
        assert found.agreeing >= RULES.least_agreeing


def test_two_different_eyes_are_never_laid_over_each_other(photographs: list[Image.Image]) -> None:
    for one, other in pairwise(photographs):
        found = register(one, other)
        assert found is None or found.agreeing < RULES.least_agreeing / 2


def test_a_mirrored_eye_and_a_black_picture_are_refused(photographs: list[Image.Image]) -> None:
    mirrored = photographs[0].transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    found = register(mirrored, photographs[0])
    assert found is None or found.agreeing < RULES.least_agreeing
    for black in (Image.new("RGB", (640, 480)), Image.new("RGB", (3, 2), (200, 90, 20))):
        assert register(black, photographs[0]) is None
        assert register(photographs[0], black) is None


@pytest.fixture
def files() -> Iterator[list[int]]:
    """Two empty files in memory."""
    opened = [os.memfd_create("preview") for _ in range(2)]
    yield opened
    for each in opened:
        os.close(each)


def test_the_job_answers_in_shares_of_the_width(
    photographs: list[Image.Image], files: list[int]
) -> None:
    picture = photographs[1]
    known = moved(picture, turn=3, size=1, shift=10 + 4j)
    for each, descriptor in zip((as_later(picture, known), picture), files, strict=True):
        with os.fdopen(os.dup(descriptor), "wb") as file:
            each.save(file, "JPEG")
    told = register_photographs(Params({}), files, [])
    found = Similarity(complex(*told["factor"]), complex(*told["shift"]) * picture.width)
    assert error_px(found, known, picture) < TOLERANCE_PX


def test_what_is_no_picture_is_refused(files: list[int]) -> None:
    os.write(files[0], b"\xff\xd8\xff nothing")
    with pytest.raises(RefusedError) as refused:
        register_photographs(Params({}), files, [])
    assert refused.value.reason is Refusal.DAMAGED_PICTURE
