"""The measures of quality tell faults that were put into real photographs, and only those."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from consult.studies.quality import (
    QualityCheck,
    QualityFault,
    QualityVerdict,
    check_quality,
    parse_quality_rules,
)
from imaging.fundus.likeness import likeness_of
from imaging.fundus.quality import measure
from imaging.jail.facts import plain
from tests.makers.degraded import (
    GRAVE,
    HARMLESS,
    Degrade,
    blurred,
    copy_of,
    draw_face,
    fundus_files,
    jpeg_bytes,
    load,
    shrunk_to,
)
from tests.makers.jails import RunningJail
from tests.makers.rulebooks import read_config

RULES = parse_quality_rules(read_config("quality.toml"))
EACH_FAULT = [(fault, name) for fault, faults in GRAVE.items() for name in faults]
CHOSEN = {"HRF_01", "HRF_10", "retina"}
ALWAYS_AGAIN = {QualityFault.BLURRED, QualityFault.FIELD_INCOMPLETE, QualityFault.TOO_SMALL}
SIZES = [(1, 1), (1, 4000), (4000, 1), (2, 2), (3, 700), (900, 20), (64, 64)]


@pytest.fixture(scope="module")
def photographs(real_files: Path) -> Mapping[str, Image.Image]:
    """Three of the real photographs, made smaller: docs/quality.md has all of them."""
    chosen = [path for path in fundus_files(real_files) if path.stem[:6] in CHOSEN]
    assert len(chosen) == len(CHOSEN)
    return {path.stem: copy_of(load(path), longest=720, quality=95) for path in chosen}


def check(image: Image.Image) -> QualityCheck:
    """The verdict as the house gives it."""
    is_fundus = likeness_of(image).is_fundus
    return check_quality(plain(measure(image)), RULES, is_fundus=is_fundus)


@pytest.mark.parametrize(("fault", "name"), EACH_FAULT, ids=[name for _, name in EACH_FAULT])
def test_a_fault_in_a_real_photograph_is_told(
    fault: QualityFault, name: str, photographs: Mapping[str, Image.Image]
) -> None:
    for photograph in photographs.values():
        found = check(GRAVE[fault][name](photograph))
        if found.verdict is QualityVerdict.OTHER:  # so bright that nothing red is left
            assert fault is QualityFault.TOO_BRIGHT
            continue
        assert fault in {each.fault for each in found.findings}
        assert fault not in ALWAYS_AGAIN or found.verdict is QualityVerdict.RETAKE


@pytest.mark.parametrize("degrade", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_good_photograph_raises_no_alarm(
    degrade: Degrade, photographs: Mapping[str, Image.Image]
) -> None:
    for photograph in photographs.values():
        assert check(degrade(photograph)).verdict is QualityVerdict.GOOD


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_stronger_blur_never_scores_better(
    data: st.DataObject, photographs: Mapping[str, Image.Image]
) -> None:
    photograph = photographs[data.draw(st.sampled_from(sorted(photographs)))]
    weak, strong = sorted(data.draw(st.tuples(*[st.floats(0.0, 0.02)] * 2)))
    sharper, softer = (measure(blurred(share)(photograph)) for share in (weak, strong))
    assert sharper.focus is not None
    assert softer.focus is not None
    assert softer.focus <= sharper.focus + 0.01


def test_the_small_copy_is_judged_as_the_photograph(real_files: Path) -> None:
    whole = load(fundus_files(real_files)[-1])  # the only one that is larger than a small copy
    for degrade in (lambda image: image, blurred(0.006)):
        assert check(copy_of(degrade(whole))).verdict is check(degrade(whole)).verdict


def test_what_is_no_fundus_gets_no_verdict_of_quality(real_files: Path) -> None:
    others = [load(path) for path in sorted((real_files / "image" / "non-fundus-photo").iterdir())]
    for other in (*others, draw_face()):
        assert check(other).verdict is QualityVerdict.OTHER


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "I;16", "1"])
def test_a_strange_picture_is_measured_or_not_but_breaks_nothing(
    size: tuple[int, int], mode: str
) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), np.uint8)
    picture = Image.fromarray(noise)
    strange = (picture.convert("L") if mode == "I;16" else picture).convert(mode)
    told = measure(strange)
    assert all(value is None or np.isfinite(value) for value in plain(told).values())
    assert check(strange).verdict in set(QualityVerdict)


def test_black_white_and_half_lit_frames_break_nothing() -> None:
    for colour in (0, 7, 255):
        assert check(Image.new("RGB", (300, 200), (colour,) * 3)).verdict is QualityVerdict.OTHER
    disc = Image.new("RGB", (400, 400))
    row, column = np.indices((400, 400))
    inside = (row - 200) ** 2 + (column - 200) ** 2 < 180**2
    disc = Image.fromarray(np.where(inside[..., None], (160, 80, 40), (0, 0, 0)).astype(np.uint8))
    assert check(disc).verdict is not QualityVerdict.GOOD  # a plain disc has no vessels


def test_a_thumbnail_is_too_small_to_be_judged(photographs: Mapping[str, Image.Image]) -> None:
    for photograph in photographs.values():
        tiny = measure(shrunk_to(90)(photograph))
        assert tiny.focus is None
        assert check(shrunk_to(90)(photograph)).verdict is QualityVerdict.RETAKE


def test_a_red_free_photograph_is_judged_by_its_shape(
    photographs: Mapping[str, Image.Image],
) -> None:
    for photograph in photographs.values():
        green = photograph.getchannel("G")
        for grey in (green, green.convert("RGB")):
            assert check(grey).verdict is not QualityVerdict.OTHER
            assert QualityFault.BLURRED not in {each.fault for each in check(grey).findings}


def test_the_jail_measures_what_this_process_measures(
    photographs: Mapping[str, Image.Image], jail: RunningJail
) -> None:
    photograph = next(iter(photographs.values()))
    data = io.BytesIO()
    photograph.save(data, "PNG")
    facts = jail.inspect(data.getvalue())["facts"]
    assert facts["quality"] == plain(measure(photograph))
    other = jail.inspect(jpeg_bytes(draw_face()))["facts"]
    assert other["quality"] is None
