"""Pictures to be checked, and what the check says of them."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from consult.studies.quality import QualityCheck, check_quality, parse_quality_rules
from imaging.fundus.draw import draw_fundus
from imaging.fundus.likeness import likeness_of
from imaging.fundus.quality import measure
from imaging.fundus.spec import Eye, FundusField, FundusSpec
from imaging.header import read_header
from imaging.jail.facts import plain
from imaging.jail.inspect_dicom import first_picture
from imaging.survey import survey
from tests.makers.degraded import load_bytes

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("LIANZHEN_TEST_DATA", ROOT.parent / "shared" / "data"))
RULES = parse_quality_rules(tomllib.loads((ROOT / "config" / "quality.toml").read_text("utf-8")))


def draw(number: int) -> Image.Image:
    """An eye of nobody, healthy or not, with clear media."""
    spec = FundusSpec(
        seed=number + 1,
        eye=tuple(Eye)[number % 2],
        field=tuple(FundusField)[number // 2 % 2],
        icdr=number % 5,
    )
    return load_bytes(draw_fundus(spec))


def check(image: Image.Image) -> QualityCheck:
    """As the house does it."""
    is_fundus = likeness_of(image).is_fundus
    return check_quality(plain(measure(image)), RULES, is_fundus=is_fundus)


def told(found: QualityCheck) -> str:
    """The verdict with its faults."""
    faults = ", ".join(f"{each.fault}{'!' if each.is_grave else ''}" for each in found.findings)
    return f"{found.verdict} ({faults})" if faults else str(found.verdict)


def slices() -> Mapping[str, Image.Image]:
    """CT and MR slices as somebody might export them."""
    found = {}
    for name in ("jpeg2000/CT1_J2KR", "explicit-vr-le/CT_small.dcm", "explicit-vr-le/MR_small.dcm"):
        found[name] = first_picture_of(DATA / "dicom" / name)
    return found


def first_picture_of(path: Path) -> Image.Image:
    """The first frame of a DICOM file as it is shown."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = survey(descriptor)
        return first_picture(descriptor, found, read_header(descriptor, found))
    finally:
        os.close(descriptor)
