"""What the configuration says about images: bounds, margins and capture protocols."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consult.cases.images.model import ImageRules
from consult.cases.images.names import parse_image_rules
from consult.cases.model import Case
from consult.cases.protocol import CaptureProtocol, parse_protocol
from consult.kernel.eyes import Eye, EyeStatus
from consult.people.patients.names import NameRules, parse_name_rules
from consult.studies.uploads.model import UploadLimits, parse_upload_limits

DEFAULT_PROTOCOL = "nhs-2-field"
PROTOCOL_ANSWER = "capture_protocol"
EYE_STATUS_ANSWERS: Mapping[Eye, str] = {
    Eye.RIGHT: "eye_status_right",
    Eye.LEFT: "eye_status_left",
}


@dataclass(frozen=True, slots=True)
class ImageBook:
    """Everything that intake and the pages of images need of config/."""

    limits: UploadLimits
    rules: ImageRules
    names: NameRules
    protocols: Mapping[str, CaptureProtocol]

    def protocol_of(self, case: Case) -> CaptureProtocol:
        """The capture protocol that the case's answers name, else the usual one."""
        named = str(case.answers.get(PROTOCOL_ANSWER, DEFAULT_PROTOCOL))
        return self.protocols.get(named, self.protocols[DEFAULT_PROTOCOL])


def eye_status_of(case: Case) -> dict[Eye, EyeStatus]:
    """Which eyes are there and see, as far as the case's answers say it."""
    known = {status.value: status for status in EyeStatus}
    told = {eye: str(case.answers.get(key, "")) for eye, key in EYE_STATUS_ANSWERS.items()}
    return {eye: known[code] for eye, code in told.items() if code in known}


def load_image_book(folder: Path) -> ImageBook:
    """Read and check uploads.toml, names.toml and capture_protocols of the configuration."""
    uploads = _read(folder / "uploads.toml")
    parsed = [
        parse_protocol(_read(path)) for path in sorted(folder.glob("capture_protocols/*.toml"))
    ]
    return ImageBook(
        limits=parse_upload_limits(uploads),
        rules=parse_image_rules(uploads),
        names=parse_name_rules(_read(folder / "names.toml")),
        protocols={protocol.name: protocol for protocol in parsed},
    )


def _read(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
