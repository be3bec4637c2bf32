"""One archive from which a hospital installs without a network.

    python -m deploy.make_bundle OWN_WHEEL TARGET.tar.gz [MACHINE ...]

OWN_WHEEL is our own wheel, with the built browser part in it. Wheels of others are downloaded and
held against the lock and against `wheels.lock`. The same input gives the same bytes.
"""

import gzip
import hashlib
import json
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from deploy import licences
from deploy.locks import NPM_LOCK, ROOT, RUN_TIME, read_npm
from deploy.pin_wheel import pin
from deploy.sbom import make_sbom
from deploy.wheels import MACHINES, download, list_folder, read_wheels

SUMS: Final = "SHA256SUMS"
_PAPERS: Final = ("LICENSE", "README.md", "CHANGELOG.md", RUN_TIME)
_DOCS: Final = ("deploy.md", "for-it.md", "proofs.md", "demo.md", "known-gaps.md")
_TOOLS: Final = ("install.sh", "lianzhen.service", "debian-packages.txt")
_PROGRAM: Final = 0o755
_TEXT: Final = 0o644


class WheelsDifferError(ValueError):
    """What was downloaded is not what the list names."""


def make_bundle(own_wheel: Path, target: Path, *, machines: tuple[str, ...] = MACHINES) -> None:
    """Gather everything in a folder of its own and pack it."""
    name, version, *_ = own_wheel.name.split("-")
    with tempfile.TemporaryDirectory() as around:
        folder = Path(around) / f"{name}-{version}"
        _gather_wheels(folder / "wheels", own_wheel, machines)
        _gather_papers(folder)
        (folder / "own.lock").write_text(pin(own_wheel.parent) + "\n")
        write_sums(folder)
        pack(folder, target)


def _gather_wheels(folder: Path, own_wheel: Path, machines: tuple[str, ...]) -> None:
    folder.mkdir(parents=True)
    for machine in machines:
        download(folder, machine)
    listed = {each for each in read_wheels() if any(each.fits(machine) for machine in machines)}
    if set(list_folder(folder)) != listed:
        raise WheelsDifferError(set(list_folder(folder)) ^ listed)
    shutil.copy(own_wheel, folder)


def _gather_papers(folder: Path) -> None:
    for name in _PAPERS:
        shutil.copy(ROOT / name, folder)
    for name in _TOOLS:
        shutil.copy(ROOT / "deploy" / name, folder)
    (folder / "docs").mkdir()
    for name in _DOCS:
        shutil.copy(ROOT / "docs" / name, folder / "docs")
    (folder / "docs" / "licences.md").write_text(licences.page(licences.parts()) + "\n")
    (folder / "sbom.cdx.json").write_text(json.dumps(make_sbom(), indent=1, sort_keys=True) + "\n")
    for each in read_npm(ROOT / NPM_LOCK):
        if each.is_run_time:
            _copy_licence(ROOT / "node_modules" / each.name, folder / "licences" / each.name)


def _copy_licence(package: Path, target: Path) -> None:
    """The wheels hold theirs; what Vite packed has lost its own."""
    target.mkdir(parents=True)
    for path in sorted(package.iterdir()):
        if path.name.lower().startswith(("license", "licence", "notice")):
            shutil.copy(path, target)


def write_sums(folder: Path) -> None:
    """As `sha256sum -c` reads them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in files
    ]
    (folder / SUMS).write_text("".join(lines))


def pack(folder: Path, target: Path) -> None:
    """In order, without times and owners."""
    with target.open("wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
            with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for path in sorted(folder.rglob("*")):
                    name = f"{folder.name}/{path.relative_to(folder)}"
                    archive.add(path, name, recursive=False, filter=_plain)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    is_program = entry.isdir() or entry.name.endswith(".sh")
    entry.mode = _PROGRAM if is_program else _TEXT
    return entry


if __name__ == "__main__":
    made = Path(sys.argv[2])
    make_bundle(Path(sys.argv[1]), made, machines=tuple(sys.argv[3:]) or MACHINES)
    print(f"{made}: {made.stat().st_size / 1e6:.0f} MB")
