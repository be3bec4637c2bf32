"""A folder comes in by the command line: everything once, each file with its verdict."""

import contextlib
import csv
import io
import os
import signal
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from consult.kernel.work import Role
from server.importing.bound import MOST_IMPORTS, holding_place
from server.importing.report import Report
from server.importing.walk import is_below, walk
from tests.makers.dicomweb import make_sample, written
from tests.makers.directories import make_directory
from tests.makers.pictures import make_jpeg
from tests.makers.world import CODES
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.server
MANY = 300  # so many that nobody has taken them all before the key is pressed


def lianzhen(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "server", "import", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def rows_of(report: Path) -> dict[str, tuple[str, str]]:
    with report.open(encoding="utf-8-sig", newline="") as file:
        return {row["path"]: (row["verdict"], row["reason"]) for row in csv.DictReader(file)}


def fill(folder: Path, real_files: Path) -> list[str]:
    """A disc with a directory, a colleague's folder, and what lies about in such places."""
    samples = [make_sample(real_files) for _ in range(3)]
    (folder / "DISC" / "IMG").mkdir(parents=True)
    (folder / "随访 2026" / "右眼").mkdir(parents=True)
    (folder / "DISC" / "IMG" / "I1").write_bytes(written(samples[0]))
    (folder / "DISC" / "IMG" / "I2").write_bytes(written(samples[1]))
    (folder / "DISC" / "DICOMDIR").write_bytes(
        make_directory(
            (["IMG", "I1"], samples[0].SOPInstanceUID),
            (["img", "i2"], samples[1].SOPInstanceUID),
            (["IMG", "I3"], "2.25.1"),
            (["..", "..", "etc", "passwd"], "2.25.2"),
        )
    )
    (folder / "随访 2026" / "右眼" / "=1+1.dcm").write_bytes(written(samples[2]))
    (folder / "随访 2026" / "again.dcm").write_bytes(written(samples[2]))
    (folder / "broken.dcm").write_bytes(written(samples[0])[:-500])
    (folder / "fundus.jpg").write_bytes(make_jpeg())
    (folder / "notes.txt").write_text("not an image")
    (folder / "Thumbs.db").write_bytes(b"litter")
    (folder / "elsewhere").symlink_to("/etc")
    return [sample.AccessionNumber for sample in samples]


async def waiting_at(house: WorldHouse) -> set[str]:
    """The accession numbers of what waits for a person."""
    async with house.visitor(house.world.people[Side.HOME, Role.REQUESTING_PHYSICIAN]) as sender:
        _status, waiting = await sender.get("/api/received")
    return {row["accession"] for row in waiting["rows"]}


async def test_a_folder_comes_in_once_and_waits_for_its_patients(
    house: WorldHouse, real_files: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "import"
    numbers = fill(folder, real_files)
    where = ("--data-dir", str(house.house.data_dir), "--institution", CODES[Side.HOME])
    told = lianzhen(str(folder), *where, cwd=tmp_path)
    assert told.returncode == 1, told.stderr
    first = rows_of(tmp_path / "import-report.csv")
    assert first["./DISC/IMG/I1"][0] == first["./DISC/IMG/I2"][0] == "stored"
    both = {first["./随访 2026/右眼/=1+1.dcm"][0], first["./随访 2026/again.dcm"][0]}
    assert both <= {"stored", "known"}
    assert first["./broken.dcm"] == ("refused", "cut-short")
    assert first["./fundus.jpg"] == ("refused", "photograph-needs-case")
    assert first["./notes.txt"] == ("refused", "not-an-image")
    assert first["./DISC/DICOMDIR"] == ("directory", "directory-incomplete")
    assert first["./DISC/IMG/I3"] == ("missing", "directory-missing")
    assert first["./DISC/../../etc/passwd"] == ("missing", "directory-unsafe")
    assert len(first) == 10
    assert set(numbers) <= await waiting_at(house)
    # a second run with the report sends nothing, and one without it finds everything known
    again = lianzhen(str(folder), *where, cwd=tmp_path)
    assert again.returncode == 0
    assert "8 files were judged by an earlier run." in again.stdout
    assert rows_of(tmp_path / "import-report.csv") == first
    lianzhen(str(folder), *where, "--report", "other.csv", cwd=tmp_path)
    other = Counter(verdict for verdict, _reason in rows_of(tmp_path / "other.csv").values())
    assert other == {"known": 4, "refused": 3, "directory": 1, "missing": 2}


def zipped(**files: bytes) -> bytes:
    """A ZIP of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


async def test_the_files_of_an_archive_are_judged_one_by_one(
    house: WorldHouse, real_files: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "import"
    folder.mkdir()
    samples = [make_sample(real_files) for _ in range(2)]
    listed = make_directory((["IMG", "I1"], samples[0].SOPInstanceUID), (["IMG", "I9"], "2.25.1"))
    files = {
        "随访/IMG/I1": written(samples[0]),
        "随访/DICOMDIR": listed,
        "随访/I2.dcm": written(samples[1]),
        "随访/broken.dcm": written(samples[1])[:-500],
        "fundus.jpg": make_jpeg(),
        "inner.zip": zipped(a=b"b"),
        "../../etc/passwd": b"root",
    }
    (folder / "disc.zip").write_bytes(zipped(**files))
    (folder / "lies.zip").write_bytes(zipped(a=bytes(100))[:-30])
    where = ("--data-dir", str(house.house.data_dir), "--institution", CODES[Side.HOME])
    told = lianzhen(str(folder), *where, cwd=tmp_path)
    assert told.returncode == 1, told.stderr
    inside = "./disc.zip/"
    first = rows_of(tmp_path / "import-report.csv")
    assert first == {
        f"{inside}随访/IMG/I1": ("stored", ""),
        f"{inside}随访/IMG/I9": ("missing", "directory-missing"),
        f"{inside}随访/DICOMDIR": ("directory", "directory-incomplete"),
        f"{inside}随访/I2.dcm": ("stored", ""),
        f"{inside}随访/broken.dcm": ("refused", "cut-short"),
        f"{inside}fundus.jpg": ("refused", "photograph-needs-case"),
        f"{inside}inner.zip": ("refused", "zip-nested"),
        f"{inside}../../etc/passwd": ("refused", "not-an-image"),
        "./disc.zip": ("archive", "archive-read"),
        "./lies.zip": ("refused", "damaged-zip"),
    }
    assert {sample.AccessionNumber for sample in samples} <= await waiting_at(house)
    with Report(tmp_path / "import-report.csv") as report:
        assert all(report.is_done(each) for each in walk(folder))


def test_no_more_imports_run_at_once_than_there_are_places(
    house: WorldHouse, tmp_path: Path
) -> None:
    where = ("--data-dir", str(house.house.data_dir), "--institution", CODES[Side.HOME])
    run_dir = house.house.data_dir / "run"
    with contextlib.ExitStack() as held:
        for _ in range(MOST_IMPORTS):
            held.enter_context(holding_place(run_dir))
        told = lianzhen(str(tmp_path), *where, cwd=tmp_path)
        assert told.returncode == 1
        assert told.stderr == "2 imports run already. Wait until one has ended.\n"
    with holding_place(run_dir):
        pass


def test_a_wrong_code_or_folder_is_said_plainly(house: WorldHouse, tmp_path: Path) -> None:
    where = ("--data-dir", str(house.house.data_dir))
    told = lianzhen(str(tmp_path), *where, "--institution", "nobody", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (1, "No institution has the code nobody.\n")
    told = lianzhen(str(tmp_path / "no"), *where, "--institution", "x", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (1, "There is no such folder.\n")


def interrupted(arguments: tuple[str, ...], report: Path, *, cwd: Path) -> tuple[int, str]:
    """Start it, and press Ctrl-C once it has judged some files."""
    with subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "-m", "server", "import", *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        while not (report.exists() and len(report.read_bytes().splitlines()) > 3):
            assert running.poll() is None, running.communicate()
        running.send_signal(signal.SIGINT)
        _out, said = running.communicate(timeout=60)
    return running.returncode, said.strip()


def test_it_works_without_a_server_and_ends_cleanly_when_interrupted(
    real_files: Path, tmp_path: Path
) -> None:
    data, folder = tmp_path / "data", tmp_path / "import"
    founding = ("user", "add", "admin", "--admin", "--name", "A", "--institution", "C1")
    subprocess.run(
        [sys.executable, "-m", "server", *founding, "--data-dir", str(data)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number:03}.dcm").write_bytes(written(make_sample(real_files)))
    arguments = (str(folder), "--data-dir", str(data), "--institution", "C1")
    report = tmp_path / "import-report.csv"
    said = interrupted(arguments, report, cwd=tmp_path)
    assert said == (130, "Interrupted. Run the same command again to go on.")
    assert len(rows_of(report)) < MANY
    told = lianzhen(*arguments, cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    verdicts = Counter(verdict for verdict, _reason in rows_of(report).values())
    assert sum(verdicts.values()) == MANY
    assert set(verdicts) <= {"stored", "known"}


def test_a_report_that_was_cut_short_goes_on_with_its_last_whole_line(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(b"a")
    (tmp_path / "b.dcm").write_bytes(b"b")
    first, second = list(walk(tmp_path))
    path = tmp_path / "report.csv"
    with Report(path) as report:
        report.add(first, "stored", reason="", sentence='好，逗号, "引号"')
        report.add(second, "stored", reason="", sentence="")
    path.write_bytes(path.read_bytes()[:-4])
    with Report(path) as report:
        assert report.is_done(first)
        assert not report.is_done(second)
        report.add(second, "stored", reason="", sentence="")
    assert list(rows_of(path)) == ["./a.dcm", "./b.dcm"]
    (tmp_path / "a.dcm").write_bytes(b"changed")
    with Report(path) as report:
        assert not report.is_done(next(walk(tmp_path)))


def test_names_on_a_disc_are_found_in_any_case_and_never_above_it(tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "i1").write_bytes(b"x")
    assert is_below(tmp_path, ["IMG", "I1"])
    assert not is_below(tmp_path, ["IMG"])
    assert not is_below(tmp_path, ["IMG", "I2"])
