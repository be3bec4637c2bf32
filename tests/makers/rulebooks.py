"""The product's own rule files, read for tests, and synthetic identity numbers."""

import copy
import shutil
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).resolve().parent.parent.parent / "config"


def read_config(name: str) -> dict[str, Any]:
    """A file of config/ as a mapping of its own."""
    return tomllib.loads((CONFIG / name).read_text(encoding="utf-8"))


def config_names(folder: str) -> list[str]:
    """Every TOML file of a folder of config/."""
    return sorted(f"{folder}/{path.name}" for path in (CONFIG / folder).glob("*.toml"))


def copy_config(folder: Path, name: str, **changes: str) -> Path:
    """A copy of config/ in which lines `key = …` of one file say something else."""
    copied = shutil.copytree(CONFIG, folder, ignore=shutil.ignore_patterns("locale"))
    path = copied / name
    lines = path.read_text(encoding="utf-8").splitlines()
    for key, value in changes.items():
        at = [number for number, line in enumerate(lines) if line.startswith(f"{key} = ")]
        if len(at) != 1:
            raise LookupError(key)
        lines[at[0]] = f"{key} = {value}"
    path.write_text("\n".join(lines), encoding="utf-8")
    return folder


def broken(mapping: Mapping[str, Any], place: str, value: object) -> dict[str, Any]:
    """A copy in which one dotted place says something else; None takes it away."""
    copied = copy.deepcopy(dict(mapping))
    at: Any = copied
    *way, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    for part in way:
        at = at[part] if isinstance(at, list) else at[str(part)]
    key = last if isinstance(at, list) else str(last)
    if value is None:
        del at[key]
    else:
        at[key] = value
    return copied


def make_citizen_number(
    born: date = date(1956, 3, 8), *, region: str = "110101", sequence: int = 21
) -> str:
    """A synthetic 18-digit number; an odd sequence is a man's."""
    digits = f"{region}{born:%Y%m%d}{sequence:03d}"
    weights = [2**place % 11 for place in range(17, 0, -1)]
    rest = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11
    return digits + "0123456789X"[(12 - rest) % 11]
