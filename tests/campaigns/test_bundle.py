"""The bundle installs on a machine without a network, and refuses what is not as it was made.

Whole (`make campaign NAME=bundle`): the real bundle is made, which asks the package index, and is
installed and served in a network of its own that has nothing but loopback. In every run of the
tests: a small bundle of one empty package goes through the same `install.sh`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy import make_bundle
from deploy.locks import ROOT
from deploy.pin_wheel import pin
from tests.campaigns.seeds import is_whole

pytestmark = [pytest.mark.timeout(0 if is_whole() else 240)]
PROGRAM = "import sys; print('lianzhen', sys.argv[1:])"
FILES = {
    "empty_server.py": f"def main():\n    {PROGRAM}\n",
    "lianzhen-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: lianzhen\nVersion: 9.9\n",
    "lianzhen-9.9.dist-info/WHEEL": (
        "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    ),
    "lianzhen-9.9.dist-info/entry_points.txt": "[console_scripts]\nlianzhen=empty_server:main\n",
}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """An unpacked bundle of one package that needs nothing."""
    folder = tmp_path / "lianzhen-9.9"
    (folder / "wheels").mkdir(parents=True)
    with zipfile.ZipFile(folder / "wheels" / "lianzhen-9.9-py3-none-any.whl", "w") as wheel:
        for name, text in FILES.items():
            wheel.writestr(name, text)
        record = "".join(f"{name},,\n" for name in FILES)
        wheel.writestr(
            "lianzhen-9.9.dist-info/RECORD", f"{record}lianzhen-9.9.dist-info/RECORD,,\n"
        )
    for name in ("install.sh", "debian-packages.txt"):
        shutil.copy(ROOT / "deploy" / name, folder)
    (folder / "requirements.lock").write_text("")
    (folder / "own.lock").write_text(pin(folder / "wheels") + "\n")
    make_bundle.write_sums(folder)
    return folder


def install(bundle: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(bundle / "install.sh"), str(target)],
        env={"PATH": os.environ["PATH"], "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_release_has_a_folder_of_its_own_and_one_of_them_runs(
    bundle: Path, tmp_path: Path
) -> None:
    target = tmp_path / "opt"
    made = install(bundle, target)
    assert made.returncode == 0, made.stderr
    assert (target / "current").readlink() == Path("9.9")
    said = subprocess.run(
        [target / "current" / "bin" / "lianzhen", "serve"], capture_output=True, check=True
    )
    assert said.stdout == b"lianzhen ['serve']\n"
    again = install(bundle, target)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)


def test_a_changed_bundle_installs_nothing(bundle: Path, tmp_path: Path) -> None:
    for path in sorted(bundle.rglob("*")):
        if path.is_dir() or path.name == "install.sh":
            continue
        before = path.read_bytes()
        path.write_bytes(before + b"x\n")
        refused = install(bundle, tmp_path / "opt")
        assert refused.returncode == 1, path.name
        assert "not as it was made" in refused.stderr, path.name
        path.write_bytes(before)
    assert not (tmp_path / "opt").exists()


def test_a_wheel_that_the_lock_does_not_know_is_not_installed(bundle: Path, tmp_path: Path) -> None:
    """Somebody who changes a wheel can also write its sum anew; the lock's hash is not theirs."""
    wheel = next((bundle / "wheels").glob("*.whl"))
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("more.py", "")
    (bundle / "SHA256SUMS").unlink()
    make_bundle.write_sums(bundle)
    refused = install(bundle, tmp_path / "opt")
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr
    assert list((tmp_path / "opt").iterdir()) == [], "nothing half is left"


def test_the_same_content_makes_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    made = []
    for number in range(2):
        for path in bundle.rglob("*"):
            os.utime(path, (number, number))
        target = tmp_path / f"{number}.tar.gz"
        make_bundle.pack(bundle, target)
        made.append(hashlib.sha256(target.read_bytes()).hexdigest())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "0.tar.gz") as archive:
        assert archive.getmember("lianzhen-9.9/install.sh").mode & 0o111


if is_whole():  # it asks the package index, and needs a name space for its network

    def test_the_real_bundle_serves_where_there_is_no_network() -> None:
        subprocess.run(["make", "bundle"], cwd=ROOT, check=True)
        (made,) = (ROOT / "dist").glob("lianzhen-*-offline.tar.gz")
        subprocess.run([ROOT / "deploy" / "try_bundle.sh", made, sys.executable], check=True)
