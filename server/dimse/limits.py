"""The bounds of the network door, from config/dicom.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imaging.dimse.association import Bounds
from imaging.dimse.line import Patience
from imaging.dimse.listener import Limits

FILE: Final = "dicom.toml"


@dataclass(frozen=True, slots=True)
class DoorRules:
    """What the process keeps to."""

    bounds: Bounds
    limits: Limits
    memory_bytes: int


def load_door_rules(config_dir: Path) -> DoorRules:
    """Read the file; a missing or misspelt key is an error of whoever changed it."""
    told = tomllib.loads((config_dir / FILE).read_text("utf-8"))
    return DoorRules(
        Bounds(
            longest_object_bytes=int(told["largest_object_bytes"]),
            longest_data=int(told["longest_data_bytes"]),
            patience=Patience(
                artim_s=float(told["artim_s"]),
                idle_s=float(told["idle_s"]),
                unit_s=float(told["unit_s"]),
            ),
        ),
        Limits(
            most_associations=int(told["most_associations"]),
            most_of_one_title=int(told["most_of_one_title"]),
            most_silent=int(told["most_silent"]),
        ),
        memory_bytes=int(told["memory_bytes"]),
    )
