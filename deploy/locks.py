"""What the lock files pin: versions, hashes, and who asked for whom."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.markers import Marker

ROOT: Final = Path(__file__).resolve().parent.parent
RUN_TIME: Final = "requirements.lock"
PYTHON_LOCKS: Final = (
    RUN_TIME,
    "requirements-build.lock",
    "requirements-dev.lock",
    "requirements-node.lock",
)
NPM_LOCK: Final = "package-lock.json"
_NEEDS: Final = ("dependencies", "optionalDependencies", "peerDependencies")
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)(?: *; *([^\\]+?))? *\\?$")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


_PYTHONS: Final = ("3.11.0", "3.11.2", "3.11.99")  # Debian 12 has 3.11.2
_SERVER: Final = {
    "python_version": "3.11",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
}


class LockLineError(ValueError):
    """A line of a lock file that pins nothing."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a Python lock; `asked_by` names those that depend on it."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]
    asked_by: frozenset[str]

    def is_needed(self, machine: str) -> bool:
        """Whether a server gets it; the locks hold for every system and every Python."""
        if not self.marker:
            return True
        around = {**_SERVER, "platform_machine": machine}
        return any(
            Marker(self.marker).evaluate({**around, "python_full_version": full})
            for full in _PYTHONS
        )


@dataclass(frozen=True, slots=True)
class NpmPin:
    """One package of the npm lock."""

    name: str
    version: str
    licence: str
    integrity: str
    is_run_time: bool
    needs: frozenset[str]


def same_name(name: str) -> str:
    """PEP 503: one spelling a name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(path: Path) -> list[Pin]:
    """Every package of a Python lock; raises LockLineError for one without version or hash."""
    return [_pin_of(lines) for lines in _entries(path.read_text("utf-8"))]


def _entries(text: str) -> Iterator[list[str]]:
    entry: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line[0].isspace() and entry:
            yield entry
            entry = []
        entry.append(line.strip())
    if entry:
        yield entry


def _pin_of(lines: list[str]) -> Pin:
    found = _PIN.match(lines[0])
    hashes = frozenset(match[1] for line in lines for match in _HASH.finditer(line))
    if found is None or not hashes:
        raise LockLineError(lines[0])
    told = " ".join(line.lstrip("#").strip() for line in lines if line.startswith("#"))
    asked_by = frozenset(re.findall(r"[A-Za-z0-9._-]+", re.sub(r"\([^)]*\)", "", told))) - {"via"}
    return Pin(same_name(found[1]), found[2], found[3] or "", hashes, asked_by)


def read_npm(path: Path) -> list[NpmPin]:
    """Every package of the npm lock; raises LockLineError for one without a hash."""
    packages: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text("utf-8"))["packages"]
    found = []
    for place, told in packages.items():
        if not place:
            continue
        name = place.rpartition("node_modules/")[2]
        if not told.get("integrity", "").startswith("sha512-"):
            raise LockLineError(place)
        is_run_time = not (told.get("dev") or told.get("devOptional"))
        needs = frozenset(name for kind in _NEEDS for name in told.get(kind, {}))
        licence = str(told.get("license", ""))
        found.append(NpmPin(name, told["version"], licence, told["integrity"], is_run_time, needs))
    return found
