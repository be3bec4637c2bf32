"""What is shipped is pinned, mended and free to ship; a bill of materials says so."""

import json
import re
import tomllib
from email.message import Message
from pathlib import Path

import pytest
from packaging.version import Version

from deploy import licences, locks, sbom, wheels
from deploy.licences import LicenceUnreadError, is_allowed
from deploy.locks import ROOT, LockLineError, Pin, read_npm, read_pins

RUN_TIME = read_pins(ROOT / locks.RUN_TIME)
FLOORS = tomllib.loads((ROOT / "deploy" / "floors.toml").read_text("utf-8"))
INSTALLS = re.compile(r"pip\W+(?:--isolated\W+)?install(?:[^\n\\]|\\.|\\\n)*")
# the tool that writes the locks, and the wheel that its own hash pins in the next line
NOT_FROM_A_LOCK = ("pip install --quiet uv",)


def below_floors(pins: list[Pin]) -> list[str]:
    return [
        f"{pin.name} {pin.version} < {FLOORS[pin.name]['since']}"
        for pin in pins
        if pin.name in FLOORS and Version(pin.version) < Version(FLOORS[pin.name]["since"])
    ]


def without_wheel(listed: list[wheels.Wheel], machine: str) -> list[str]:
    """Run-time pins that this machine would have to compile, or get in another version."""
    there = {(each.name, each.version): each for each in listed if each.fits(machine)}
    missing = []
    for pin in RUN_TIME:
        found = there.get((pin.name, pin.version))
        if pin.is_needed(machine) and (found is None or found.sha256 not in pin.hashes):
            missing.append(pin.name)
    return missing


@pytest.mark.parametrize("name", locks.PYTHON_LOCKS)
def test_every_python_lock_pins_version_and_hash(name: str) -> None:
    pins = read_pins(ROOT / name)
    assert pins
    assert all(pin.hashes for pin in pins)
    assert "://" not in (ROOT / name).read_text("utf-8"), "a lock names no index"


@pytest.mark.parametrize("line", ["aiohttp>=3", "aiohttp==3.14.5", "aiohttp @ file:///x.whl"])
def test_a_lock_that_leaves_something_open_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "some.lock").write_text(f"{line}\n")
    with pytest.raises(LockLineError):
        read_pins(tmp_path / "some.lock")


def test_the_npm_lock_has_a_hash_for_every_package(tmp_path: Path) -> None:
    assert {pin.name for pin in read_npm(ROOT / locks.NPM_LOCK)} > {"@hotwired/stimulus", "vite"}
    told = json.loads((ROOT / locks.NPM_LOCK).read_text("utf-8"))
    del told["packages"]["node_modules/vite"]["integrity"]
    (tmp_path / "package-lock.json").write_text(json.dumps(told))
    with pytest.raises(LockLineError):
        read_npm(tmp_path / "package-lock.json")


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile", "deploy/install.sh"])
def test_nothing_is_installed_without_its_hash(name: str) -> None:
    found = INSTALLS.findall((ROOT / name).read_text("utf-8"))
    assert found
    loose = [each for each in found if "--require-hashes" not in each]
    assert [each for each in loose if not each.startswith(NOT_FROM_A_LOCK)] == []
    assert not INSTALLS.findall("pip install --quiet aiohttp")[0].count("--require-hashes")


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile", "deploy/install.sh"])
def test_nothing_is_installed_beside_what_a_lock_names(name: str) -> None:
    """PyAV, whose wheels hold x264 and x265, would come with aiortc (decision 0256)."""
    found = INSTALLS.findall((ROOT / name).read_text("utf-8"))
    from_locks = [each for each in found if re.search(r"requirements(-dev)?\.lock", each)]
    assert from_locks
    assert [each for each in from_locks if "--no-deps" not in each] == []


@pytest.mark.parametrize("name", locks.PYTHON_LOCKS)
def test_pyav_is_in_no_lock(name: str) -> None:
    pins = {pin.name for pin in read_pins(ROOT / name)}
    assert "av" not in pins
    assert "aiortc" in pins or name not in {locks.RUN_TIME, "requirements-dev.lock"}


def test_no_lock_is_below_a_floor() -> None:
    for name in locks.PYTHON_LOCKS:
        assert below_floors(read_pins(ROOT / name)) == [], name
    old = Pin("aiohttp", "3.14.2", "", frozenset({"0"}), frozenset())
    assert below_floors([old]) == ["aiohttp 3.14.2 < 3.14.3"]
    used = {pin.name for pin in RUN_TIME}
    assert set(FLOORS) <= used, "a floor of something that we do not use"


@pytest.mark.parametrize("machine", wheels.MACHINES)
def test_no_dependency_is_compiled_at_the_hospital(machine: str) -> None:
    listed = wheels.read_wheels()
    assert without_wheel(listed, machine) == []
    numpy = [each for each in listed if each.name != "numpy" or not each.fits(machine)]
    assert without_wheel(numpy, machine) == ["numpy"], "a package without a wheel would be named"


def test_the_list_of_wheels_holds_nothing_that_the_lock_does_not_name() -> None:
    pinned = {sha256 for pin in RUN_TIME for sha256 in pin.hashes}
    assert {each.sha256 for each in wheels.read_wheels()} <= pinned


def test_a_wheel_for_a_newer_system_does_not_count() -> None:
    fits = {
        "a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl": True,
        "a-1-cp39-abi3-manylinux_2_28_x86_64.whl": True,
        "a-1-py2.py3-none-any.whl": True,
        "a-1-cp311-cp311-manylinux_2_34_x86_64.whl": False,
        "a-1-cp312-cp312-manylinux_2_17_x86_64.whl": False,
        "a-1-cp311-cp311-manylinux_2_17_aarch64.whl": False,
        "a-1-cp311-cp311-musllinux_1_2_x86_64.whl": False,
    }
    assert {file: wheels.Wheel(file, "").fits("x86_64") for file in fits} == fits


def test_everything_shipped_may_be_shipped() -> None:
    found = licences.parts()
    assert [part for part in found if not is_allowed(part.licence)] == []
    assert {part.kind for part in found} == {"Python", "browser"}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("LGPL-3.0-only", True),
        ("GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPLv3", False),
    ],
)
def test_gpl_is_refused_unless_there_is_another_choice(expression: str, allowed: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_allowed(expression) is allowed


def test_a_licence_that_nobody_has_read_or_that_has_changed_is_refused() -> None:
    metadata = Message()
    metadata["License"] = "All rights reserved"
    with pytest.raises(LicenceUnreadError):
        licences.licence_of("some-package", metadata)
    read = tomllib.loads((ROOT / "deploy" / "licences.toml").read_text("utf-8"))
    with pytest.raises(LicenceUnreadError):
        licences.licence_of(next(iter(read)), metadata)


def test_the_printed_list_of_licences_is_the_present_one() -> None:
    printed = (ROOT / "docs" / "licences.md").read_text("utf-8")
    assert printed == licences.page(licences.parts()) + "\n"


def test_the_bill_of_materials_names_everything_once_and_who_needs_it() -> None:
    bill = sbom.make_sbom()
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    refs = [each["bom-ref"] for each in bill["components"]]
    assert len(refs) == len(set(refs)) == len(licences.parts())
    assert all(each["purl"] and each["licenses"] for each in bill["components"])
    assert all(each.get("hashes") or each.get("components") for each in bill["components"])
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert set(needs) == {"lianzhen", *refs}
    assert reached(needs, "lianzhen") == set(needs), "nothing is in it that nobody needs"
    assert sbom.make_sbom() == bill


def reached(needs: dict[str, list[str]], root: str) -> set[str]:
    found, open_refs = {root}, [root]
    while open_refs:
        new = set(needs[open_refs.pop()]) - found
        found |= new
        open_refs += new
    return found
