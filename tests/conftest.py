"""Fixtures that every part uses: real databases, a clinic, a real server, real Chromium."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.makers import once_more
from tests.makers.clinic import Clinic, open_clinic
from tests.makers.databases import Cluster, make_sqlite_template, run_cluster
from tests.makers.redis import RedisHouse, run_redis
from tests.makers.s3 import S3House, run_s3
from tests.makers.world_house import WorldHouse, open_world

ROOT = Path(__file__).resolve().parent.parent
settings.register_profile("clinic", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clinic")  # a test never depends on how fast the machine is

_GARBAGE = (50_000, 20, 20)
_DEAREST = (
    *("tests/campaigns/test_kills", "tests/server/test_demo_seed", "tests/journey/"),
    *("tests/campaigns/", "tests/server/test_matrix", "tests/server/test_leaks"),
    *("tests/server/test_real_files", "tests/server/test_bad_requests", "tests/server/"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Whether a browser may be asked once more, where nobody sits beside the machine."""
    parser.addoption("--browser-once-more", action="store_true")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process ends with it while the other is idle."""
    items.sort(key=_place)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A browser that was late is asked once more, before a new house."""
    if item.config.getoption("--browser-once-more") and item.get_closest_marker("browser"):
        return once_more.run(item, nextitem)
    return None


def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport,
) -> tuple[str, str, str] | None:
    """What was asked once more is counted by itself."""
    return ("rerun", "R", "RERUN") if report.outcome == once_more.AGAIN else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were asked once more and why: each name is a fault to be mended."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"asked once more: {report.nodeid}")
        terminalreporter.line(report.longreprtext)


def _place(item: pytest.Item) -> int:
    found = (place for place, begin in enumerate(_DEAREST) if item.nodeid.startswith(begin))
    return next(found, len(_DEAREST))


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never again in three thousand tests and their modules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


@pytest.fixture(scope="session")
def real_files() -> Path:
    """The folder of real DICOM and fundus files."""
    return Path(os.environ.get("LIANZHEN_TEST_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    return make_sqlite_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test run's own."""
    with run_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_url(cluster: Cluster) -> str:
    """One PostgreSQL database, emptied after each test that uses it."""
    return cluster.make_database()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3House]:
    """An S3 service of this test run's own."""
    with run_s3() as running:
        yield running


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisHouse]:
    """A Redis that a test may kill."""
    with run_redis(tmp_path) as running:
        yield running


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    path = tmp_path / "clinic.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def clinic(request: pytest.FixtureRequest) -> Iterator[Clinic]:
    """A clinic on a fresh database: every test that uses it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        with open_clinic(request.getfixturevalue("sqlite_url")) as opened:
            yield opened
        return
    url = request.getfixturevalue("postgres_url")
    with open_clinic(url) as opened:
        yield opened
    request.getfixturevalue("cluster").empty_database(url)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A real server with two consortia, every role and every kind of object in it."""
    with open_world(tmp_path_factory.mktemp("house")) as opened:
        yield opened
