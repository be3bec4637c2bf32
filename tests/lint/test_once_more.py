"""On a machine where nobody watches, a browser that was late is asked again in a new house."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
_TESTS = """
import pytest
houses, runs = [], []

@pytest.fixture(scope="session")
def street():
    houses.append([])
    yield houses[-1]
    houses[-1].append("torn down")

@pytest.fixture(scope="module")
def house(street):
    return {}

@pytest.mark.browser
def test_first(house):
    house["is_used"] = True

@pytest.mark.browser
def test_late_once(house):
    runs.append(house)
    assert len(runs) == 2, "too late"
    assert "is_used" not in house
    assert houses[0] == ["torn down"]

@pytest.mark.browser
def test_next(house):
    assert house is runs[-1]

@pytest.mark.browser
def test_broken(house):
    raise AssertionError("always")

def test_race(house):
    raise AssertionError("lost")
"""


@pytest.mark.parametrize("processes", ["0", "1"])
def test_a_browser_that_was_late_is_asked_again_before_a_new_house_and_nothing_else_is(
    tmp_path: Path, processes: str
) -> None:
    told = ask(tmp_path, processes, "--browser-once-more")
    assert "2 failed, 3 passed, 2 rerun" in told
    assert "FAILED test_doors.py::test_broken" in told
    assert "FAILED test_doors.py::test_race" in told
    assert "asked once more: test_doors.py::test_late_once" in told
    assert "too late" in told, "why it was asked again"


def test_at_a_desk_a_failure_is_a_failure(tmp_path: Path) -> None:
    told = ask(tmp_path, "0")
    assert "3 failed, 2 passed in" in told


def ask(folder: Path, processes: str, *flags: str) -> str:
    """What a run of five tests says; `flags` are given to it."""
    (folder / "test_doors.py").write_text(_TESTS)
    options = (
        "-p",
        "tests.conftest",
        "-p",
        "no:randomly",
        "-c",
        "/dev/null",
        "-o",
        "markers=browser",
    )
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", folder, "-n", processes, *flags],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return ended.stdout
