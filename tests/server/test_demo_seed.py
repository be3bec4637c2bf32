"""The demonstration comes about by the clinic's own steps, once, and the same for the same seed."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from consult.cases.model import ACCOUNTABLE, Accountable, CaseStatus, is_open
from consult.journal import service as journal
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import PanelChoice
from server import demonstration
from server.cli.unit import run_unit
from server.demo import seed
from server.demo.model import DemoPlan
from server.demo.plan import plan_from
from server.installation import prepare
from server.settings import Settings, load_settings
from server.transactions import utc_now
from tests.makers.house import ROOT, open_house
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]
NOW = utc_now()
SMALL = "[sizes]\nimage_px = 96\npatients_without_case = 1\n"
NOTICE = "演示数据"
_OF_PAPERS = {
    *("report.paper_made", "report.object_filed"),
    *("1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.88.33"),
    *("1.2.840.10008.5.1.4.1.1.11.2", "1.2.840.10008.5.1.4.1.1.88.59"),
}
"""What a row has that tells of a PDF or of an object of a report."""
_CHANGES = re.compile(r"[0-9a-f]{32,}|2\.25\.\d+|\$argon2\S+")


@dataclass(frozen=True)
class Demo:
    """A seeded data folder and the plan by which it was made."""

    settings: Settings
    file: Path
    plan: DemoPlan

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.settings.data_dir / "lianzhen.db") as database:
            return database.execute(statement).fetchall()


def make_demo(folder: Path) -> Demo:
    folder.mkdir()
    file = folder / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    settings = load_settings({"data_dir": folder / "data"})
    assert prepare(settings)
    seed.run(settings, file, now=NOW)
    return Demo(settings, file, plan_from(file, now=NOW))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return make_demo(tmp_path_factory.mktemp("demo") / "one")


def lianzhen(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def contents(demo: Demo) -> dict[str, list[str]]:
    """Every table, without ids, keys and what is computed from them."""
    named = demo.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        str(table): sorted(readable(demo.rows(f"SELECT * FROM {table}")))  # noqa: S608 - our own
        for (table,) in named
    }


def readable(rows: list[tuple[object, ...]]) -> Iterator[str]:
    for row in rows:
        if is_of_a_paper(row):  # a PDF and its seal are new each time
            continue
        values = [text_of(value) for value in row if not is_sealed(value)]
        yield _CHANGES.sub("·", json.dumps(values, ensure_ascii=False))


def is_of_a_paper(row: tuple[object, ...]) -> bool:
    """Whether it tells of a PDF, or of what a report left in a study behind it."""
    if not _OF_PAPERS.isdisjoint(row):
        return True
    return "image.stored" in row and any('"origin":"report"' in str(value) for value in row)


def text_of(value: object) -> object:
    return value.decode() if isinstance(value, bytes) else value


def is_sealed(value: object) -> bool:
    return isinstance(value, bytes) and not value.startswith(b'{"')


def test_every_case_is_where_the_plan_shows_it(demo: Demo) -> None:
    planned = [
        (
            *(case.target.value, case.service.value, case.priority.value, case.institution),
            len(case.images) + len(case.extra_files),
        )
        for case in demo.plan.cases
    ]
    found = demo.rows(
        "SELECT cases.status, service_type, priority, institutions.code,"
        " (SELECT count(*) FROM case_images WHERE case_id = cases.id)"
        " FROM cases JOIN institutions ON institutions.id = cases.institution_id"
    )
    assert sorted(map(str, found)) == sorted(map(str, planned))


def test_every_open_case_has_exactly_one_accountable_person_of_the_right_part(demo: Demo) -> None:
    for status, owner, physician, leader, claimed in demo.rows(
        "SELECT status, owner_id, requesting_physician_id,"
        " (SELECT leader_id FROM panels WHERE panels.id = panel_id),"
        " (SELECT practitioner_id FROM claims WHERE live_case_id = cases.id) FROM cases"
    ):
        part = ACCOUNTABLE[CaseStatus(str(status))]
        assert (owner is not None) == is_open(CaseStatus(str(status)))
        expected = {
            Accountable.REQUESTING_PHYSICIAN: physician,
            Accountable.PANEL_LEADER: leader,
            Accountable.EXPERT: claimed,
        }
        if part in expected and status != CaseStatus.DRAFT:
            assert owner == expected[part]


def test_the_journal_is_whole_and_tells_of_every_act_at_its_own_time(demo: Demo) -> None:
    lines = run_unit(demo.settings, lambda work: journal.check_chain(work.session))
    (count,) = demo.rows("SELECT count(*) FROM journal_entries")[0]
    assert lines == count
    times = [
        str(at)
        for (at,) in demo.rows(
            "SELECT at FROM journal_entries WHERE kind IN ('case.drafted', 'case.submitted',"
            " 'case.claimed', 'report.signed', 'case.decided') ORDER BY position"
        )
    ]
    assert times == sorted(times)
    assert max(times) < NOW.isoformat()


def test_no_identity_number_or_telephone_stands_in_the_database(demo: Demo) -> None:
    stored = b"".join(path.read_bytes() for path in demo.settings.data_dir.glob("lianzhen.db*"))
    for patient in demo.plan.patients:
        assert patient.name.encode() in stored
        assert patient.phone.encode() not in stored
        if patient.document_number:
            assert patient.document_number.encode() not in stored


def test_only_the_foreign_file_raised_questions_and_they_are_answered(demo: Demo) -> None:
    found = demo.rows("SELECT kind, (answered_at IS NOT NULL) FROM image_questions ORDER BY kind")
    assert found == [("other_name", 1), ("own_window", 1)]


def test_nothing_is_left_to_be_done_and_no_file_lies_about(demo: Demo) -> None:
    assert demo.rows("SELECT * FROM jobs") == []
    assert list((demo.settings.data_dir / "spool").glob("[!.]*")) == []
    blobs = [path for path in demo.settings.blob_dir.rglob("*") if path.is_file()]
    (images,) = demo.rows("SELECT count(*) FROM instance_blobs")[0]
    (papers,) = demo.rows("SELECT count(*) FROM report_papers WHERE key IS NOT NULL")[0]
    assert len(blobs) == images + papers
    assert papers > 0


def test_every_inviting_institution_may_send_every_service(demo: Demo) -> None:
    def choices(work: Work, code: str, service: str) -> list[PanelChoice]:
        place = organisations.get_by_code(work, code)
        return organisations.panel_choices(
            work, inviting_id=place.id, service_type=service, on=NOW.date()
        )

    for agreement in demo.plan.agreements:
        for service in agreement.services:
            assert run_unit(demo.settings, choices, agreement.inviting, service)


def test_the_same_seed_and_moment_give_the_same_demonstration(demo: Demo, tmp_path: Path) -> None:
    again = make_demo(tmp_path / "two")
    pictures = (  # not what reports left: a PDF and its seal are new each time
        "SELECT source_sha256 FROM instances WHERE origin != 'report' ORDER BY source_sha256"
    )
    assert again.rows(pictures) == demo.rows(pictures)
    first, second = contents(demo), contents(again)
    assert sum(len(rows) for rows in first.values()) > 1000
    assert {name for name in first if first[name] != second[name]} <= {
        *("instance_blobs", "instance_index"),  # where frames lie behind keys that are new
        *("report_papers", "storage_usage"),  # a PDF is a few bytes longer or shorter
    }


def test_what_is_seeded_is_not_seeded_again(demo: Demo) -> None:
    (before,) = demo.rows("SELECT count(*) FROM journal_entries")[0]
    told = lianzhen("seed", str(demo.file), "--data-dir", str(demo.settings.data_dir))
    assert told.returncode == 1
    assert demo.rows("SELECT count(*) FROM journal_entries")[0] == (before,)


def test_the_second_start_lists_who_can_sign_in_and_changes_nothing(demo: Demo) -> None:
    (before,) = demo.rows("SELECT count(*) FROM journal_entries")[0]
    told = lianzhen("seed", str(demo.file), "--once", "--data-dir", str(demo.settings.data_dir))
    assert (told.returncode, "lianzhen-chen-demo" in told.stdout) == (0, True)
    assert demo.rows("SELECT count(*) FROM journal_entries")[0] == (before,)


def test_an_interrupted_demonstration_is_refused_with_the_way_out(tmp_path: Path) -> None:
    settings = load_settings({"data_dir": tmp_path / "data"})
    prepare(settings)
    run_unit(settings, demonstration.note, kind=demonstration.BEGUN, seed=1)
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    for verb in (("seed", str(file)), ("serve",)):
        told = lianzhen(*verb, "--data-dir", str(settings.data_dir))
        assert told.returncode == 78, told.stderr
        assert "Remove the data folder" in told.stderr


async def test_three_people_sign_in_and_every_page_says_that_it_is_fiction(
    demo: Demo, tmp_path: Path
) -> None:
    shutil.copytree(demo.settings.data_dir, tmp_path / "data")
    with open_house(tmp_path / "data") as house:
        for login, path, expected in (
            ("chen", "/cases", "王秀英"),
            ("zhou", "/worklist", "阿卜杜热合曼·吐尔逊"),
            ("fang", "/desk?view=open", "Sukardi"),
        ):
            async with Visitor(house.base) as visitor:
                await visitor.sign_in(login, f"lianzhen-{login}-demo")
                status, page = await visitor.page(path)
                assert status == 200
                assert expected in page
                assert NOTICE in page


async def test_a_hospital_is_not_called_a_demonstration(tmp_path: Path) -> None:
    with open_house(tmp_path / "data") as house:
        async with Visitor(house.base) as visitor:
            _status, page = await visitor.page("/")
            assert NOTICE not in page
