"""What the configuration says about uploads and images."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consult.cases.directions.model import CameraRules, parse_camera_rules
from consult.cases.images.model import ImageRules
from consult.cases.images.names import parse_image_rules
from consult.people.patients.names import NameRules, parse_name_rules
from consult.studies.quality import QualityRules, parse_quality_rules
from consult.studies.uploads.model import UploadLimits, parse_upload_limits


@dataclass(frozen=True, slots=True)
class ImageBook:
    """Bounds of uploads, margins of capture times, names in DICOM, limits of the picture check."""

    limits: UploadLimits
    rules: ImageRules
    names: NameRules
    cameras: CameraRules
    quality: QualityRules


def load_image_book(folder: Path) -> ImageBook:
    """Read and check uploads.toml, names.toml and quality.toml of the configuration."""
    uploads = _read(folder / "uploads.toml")
    return ImageBook(
        limits=parse_upload_limits(uploads),
        rules=parse_image_rules(uploads),
        names=parse_name_rules(_read(folder / "names.toml")),
        cameras=parse_camera_rules(uploads),
        quality=parse_quality_rules(_read(folder / "quality.toml")),
    )


def _read(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
