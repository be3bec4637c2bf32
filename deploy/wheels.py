"""Which wheels a hospital without a network gets: one list for both machines, by name and hash.

    python -m deploy.wheels FOLDER        downloads them there, and writes deploy/wheels.lock anew

Everything is a wheel: nothing is compiled at the hospital. They are asked for a C library no newer
than glibc 2.28, so that systems older than Debian 12 that have Python 3.11 are served too.
"""

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.locks import ROOT, RUN_TIME, read_pins, same_name

LIST: Final = ROOT / "deploy" / "wheels.lock"
MACHINES: Final = ("x86_64", "aarch64")
PYTHON: Final = "3.11"
_NEWEST_GLIBC_MINOR: Final = 28
_OLDEST_GLIBC_MINOR: Final = 5
_OLD_NAMES: Final = ("manylinux2014", "manylinux2010", "manylinux1")


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file of the list."""

    file: str
    sha256: str

    @property
    def name(self) -> str:
        """The package, as the locks spell it."""
        return same_name(self.file.partition("-")[0])

    @property
    def version(self) -> str:
        """The version in the file's name."""
        return self.file.split("-")[1]

    def fits(self, machine: str) -> bool:
        """Whether it installs on this machine with our Python and such a C library."""
        python, abi, platforms = self.file.removesuffix(".whl").split("-")[-3:]
        if not set(python.split(".")) & _pythons(abi):
            return False
        return bool(set(platforms.split(".")) & {"any", *platform_tags(machine)})


def _pythons(abi: str) -> set[str]:
    """Which tags our Python takes: its own, or an older one where the stable interface is used."""
    own = {"py3", "py311", "cp311"}
    return own | {f"cp3{minor}" for minor in range(2, 11)} if abi in {"abi3", "none"} else own


def platform_tags(machine: str) -> list[str]:
    """PEP 600: every older C library's tag is served by a newer one."""
    minors = range(_NEWEST_GLIBC_MINOR, _OLDEST_GLIBC_MINOR - 1, -1)
    return [f"manylinux_2_{minor}_{machine}" for minor in minors] + [
        f"{name}_{machine}" for name in _OLD_NAMES
    ]


def read_wheels() -> list[Wheel]:
    """The list as it was last written."""
    lines = LIST.read_text("utf-8").splitlines()
    return [Wheel(file, sha256) for sha256, file in (line.split("  ") for line in lines)]


def download(folder: Path, machine: str) -> None:
    """Ask the index for what the lock names, with its hashes; only wheels for this machine."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--dest", str(folder)]
    command += ["--implementation", "cp", "--python-version", PYTHON]
    command += [word for abi in ("cp311", "abi3", "none") for word in ("--abi", abi)]
    command += [word for tag in platform_tags(machine) for word in ("--platform", tag)]
    with tempfile.NamedTemporaryFile("w", suffix=".lock") as wanted:
        # without markers: pip would hold them against the Python that runs here
        for pin in read_pins(ROOT / RUN_TIME):
            if pin.is_needed(machine):
                hashes = " ".join(f"--hash=sha256:{each}" for each in sorted(pin.hashes))
                wanted.write(f"{pin.name}=={pin.version} {hashes}\n")
        wanted.flush()
        subprocess.run([*command, "-r", wanted.name], check=True)


def list_folder(folder: Path) -> list[Wheel]:
    """What lies in a folder, by name."""
    return [
        Wheel(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.glob("*.whl"))
    ]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    for each in MACHINES:
        download(target, each)
    LIST.write_text("".join(f"{wheel.sha256}  {wheel.file}\n" for wheel in list_folder(target)))
