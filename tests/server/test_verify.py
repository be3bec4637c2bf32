"""`lianzhen verify`: an untouched folder is clean, and every kind of tampering is named (T16)."""
# ruff: noqa: S608 - the statements of a hand in the database, with numbers of our own

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from consult.db.base import Base
from consult.dossiers.service import gather_dossier
from consult.journal import service as journal
from consult.journal.model import FIRST_HASH, hash_of_line
from consult.kernel.keys import load_vault
from consult.kernel.work import Entry, Work
from consult.reports.seal import load_seal
from server.__main__ import run
from server.anchors import FILE
from server.installation import prepare
from server.settings import Settings
from server.transactions import utc_now
from server.verification.copies import parse_head
from server.verification.opened import opened
from server.verification.sentences import FAULTS
from server.verification.walk import verify
from tests.makers.clinic import Clinic
from tests.makers.tampered import Tampered, add_records
from tests.makers.world import open_installation
from tests.makers.world_house import WorldHouse
from tests.makers.world_story import make_world

pytestmark = pytest.mark.timeout(180)
AT = 20
"""The line at which the hand strikes."""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Tampered:
    """An installation, anchored half-way and at its end."""
    place = Tampered(tmp_path_factory.mktemp("origin") / "data")
    world = make_world(place.folder)
    add_records(world)
    place.anchor(world.clinic)
    for _ in range(3):
        world.clinic.system(_note)
    place.anchor(world.clinic)
    world.clinic.units.close()
    return place


@pytest.fixture
def place(origin: Tampered, tmp_path: Path) -> Tampered:
    return origin.copy_to(tmp_path / "data")


def _note(work: Work) -> None:
    work.journal(Entry("clinic.noted", "clinic", "0" * 32, words={"text": "王秀英"}))


def added(table: str, *other: str) -> str:
    """A row that nobody wrote: the first one once more, under another id."""
    row_type = next(each for each in Base.__subclasses__() if each.__tablename__ == table)
    names = [column.name for column in row_type.__table__.columns]
    taken = (f"{name} || 'x'" if name in ("id", *other) else name for name in names)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(taken)} FROM {table} LIMIT 1"
    )


def _note_about(work: Work, *, case_id: str) -> None:
    work.journal(Entry("case.forwarded", "case", case_id, case_id=case_id))


def first(place: Tampered) -> dict[str, str]:
    return place.findings().first


def rechain(place: Tampered) -> None:
    """What a clever hand does: number every line anew and compute every hash anew."""
    with open_engineer(place) as clinic:
        lines = clinic.units.read(lambda session: journal.lines_after(session, 0, limit=10_000))
        told, previous = [], FIRST_HASH
        for position, line in enumerate(lines.result(), 1):
            previous = hash_of_line(previous, replace(line, position=position))
            told.append((position, previous, line.position))
    with closing(sqlite3.connect(place.database)) as connection, connection:
        connection.executemany(
            "UPDATE journal_entries SET position = ?, hash = ? WHERE position = ?", told
        )


@contextmanager
def open_engineer(place: Tampered) -> Iterator[Clinic]:
    """Services on a copied folder for the time of a block."""
    clinic = open_installation(Settings(data_dir=place.folder))
    try:
        yield clinic
    finally:
        clinic.units.close()


def test_an_untouched_folder_is_clean(place: Tampered) -> None:
    findings = place.findings()
    assert findings.is_clean, findings.first
    assert findings.checked["anchors"] == 2
    assert findings.checked["reports"] >= 7
    assert findings.checked["answers"] >= 2
    assert findings.checked["images"] >= 12
    told = place.query("SELECT DISTINCT status FROM reports ORDER BY status")
    assert [status for (status,) in told] == ["amended", "final", "retracted"]
    assert findings.notes["lines_after_anchor"] == 0
    assert place.findings(is_quick=True).is_clean


def test_a_flip_is_named(place: Tampered) -> None:
    place.execute(f"UPDATE journal_entries SET kind = 'case.opened!' WHERE position = {AT}")
    assert first(place) == {"journal-changed": str(AT)}


def test_a_deleted_line_is_named(place: Tampered) -> None:
    place.execute(f"DELETE FROM journal_entries WHERE position = {AT}")
    assert first(place)["journal-missing"] == str(AT)


def test_an_inserted_line_is_named(place: Tampered) -> None:
    end = place.query("SELECT max(position) FROM journal_entries")[0][0]
    columns = "kind, object_type, object_id, at, codes"
    place.execute(
        *(
            f"UPDATE journal_entries SET position = {position + 1} WHERE position = {position}"
            for position in range(end, AT - 1, -1)
        ),
        f"INSERT INTO journal_entries (position, hash, {columns}) SELECT {AT}, hash, {columns}"
        " FROM journal_entries WHERE position = 2",
    )
    assert first(place)["journal-changed"] == str(AT)


def test_an_inserted_line_that_waits_for_its_place_is_named(place: Tampered) -> None:
    columns = "kind, object_type, object_id, at, codes"
    place.execute(
        f"INSERT INTO journal_entries ({columns}) SELECT {columns} FROM journal_entries LIMIT 1"
    )
    assert set(first(place)) == {"journal-unplaced"}


def test_two_lines_that_changed_places_are_named(place: Tampered) -> None:
    place.execute(
        f"UPDATE journal_entries SET position = -1 WHERE position = {AT}",
        f"UPDATE journal_entries SET position = {AT} WHERE position = {AT + 1}",
        f"UPDATE journal_entries SET position = {AT + 1} WHERE position = -1",
    )
    assert first(place)["journal-changed"] == str(AT)


def test_a_journal_that_was_cut_is_named(place: Tampered) -> None:
    end = place.query("SELECT max(position) FROM journal_entries")[0][0]
    cut = f"SELECT serial FROM journal_entries WHERE position > {end - 2}"
    place.execute(
        f"DELETE FROM journal_detail WHERE serial IN ({cut})",
        f"DELETE FROM journal_entries WHERE position > {end - 2}",
    )
    assert first(place) == {"journal-set-back": str(end - 1)}


def test_an_older_copy_is_named_by_the_anchor_alone(place: Tampered, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copy(place.database, older)
    end = place.query("SELECT max(position) FROM journal_entries")[0][0]
    with open_engineer(place) as clinic:
        clinic.system(_note)
        place.anchor(clinic)
    for path in place.folder.glob("lianzhen.db-*"):
        path.unlink()
    shutil.copy(older, place.database)
    assert first(place) == {"journal-set-back": str(end + 1)}
    anchors = place.folder / FILE
    kept_elsewhere = tmp_path / "kept-elsewhere.jsonl"
    shutil.move(anchors, kept_elsewhere)
    assert place.findings().is_clean, "without the anchor nobody could know"
    assert not place.findings(copies=(kept_elsewhere,)).is_clean


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE journal_entries SET kind = 'case.opened' WHERE position = {AT}",
        f"DELETE FROM journal_entries WHERE position = {AT} AND words_hash IS NULL",
    ],
)
def test_a_chain_that_was_computed_anew_is_named_by_the_anchor(
    place: Tampered, statement: str
) -> None:
    place.execute(statement)
    rechain(place)
    kinds = set(first(place))
    assert kinds & {"journal-not-anchored", "journal-set-back"}
    assert "journal-changed" not in kinds


def test_words_are_held_against_their_hash_and_may_be_erased(place: Tampered) -> None:
    with_words = "SELECT serial FROM journal_detail ORDER BY serial LIMIT 1"
    place.execute(f"UPDATE journal_detail SET words = NULL WHERE serial = ({with_words})")
    findings = place.findings()
    assert findings.is_clean
    assert findings.notes["words_erased"] == 1
    place.execute('UPDATE journal_detail SET words = \'{"name":"x"}\' WHERE words IS NOT NULL')
    assert set(first(place)) == {"words-changed"}
    place.execute("DELETE FROM journal_detail")
    assert set(first(place)) == {"words-missing"}


def test_words_with_another_blank_are_not_what_was_written(place: Tampered) -> None:
    place.execute("UPDATE journal_detail SET words = replace(words, ':', ': ')")
    assert set(first(place)) == {"words-changed"}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE reports SET status = 'retracted' WHERE version = 1", "report-journal"),
        ("UPDATE reports SET status = 'amended' WHERE status = 'retracted'", "report-journal"),
        ("UPDATE reports SET status = 'final' WHERE status = 'amended'", "report-journal"),
        ("UPDATE reports SET service_type = 'remote_consultation'", "report-columns"),
        ("UPDATE reports SET author_id = case_id", "report-author"),
        ("UPDATE reports SET signature = X'00'", "report-signature"),
        ("DELETE FROM reports", "report-missing"),
        ("DELETE FROM report_receipts", "receipt-missing"),
        ("UPDATE report_receipts SET practitioner_id = case_id", "receipt-journal"),
        ("DELETE FROM case_decisions", "decision-missing"),
        ("UPDATE case_decisions SET choice = 'not_accepted'", "decision-journal"),
        ("UPDATE case_decisions SET note = 'x'", "decision-journal"),
        (
            "UPDATE case_decisions SET decided_at = '2026-01-01T00:00:00.000000Z'",
            "decision-journal",
        ),
        ("UPDATE instance_blobs SET sha256 = hex(zeroblob(32))", "report-image"),
        ("UPDATE instance_blobs SET wrapped_key = X'00'", "image-damaged"),
        ("UPDATE consents SET withdrawn_at = NULL, scope = 'single'", "consent-changed"),
        ("UPDATE consents SET relation = 'x'", "consent-changed"),
        ("DELETE FROM consents", "consent-missing"),
        (
            "UPDATE image_corrections SET kind = 'wrong_eye', eye_after = 'left'",
            "correction-changed",
        ),
        ("DELETE FROM image_corrections", "correction-missing"),
        ("UPDATE instances SET withdrawn_at = NULL", "correction-undone"),
        ("UPDATE slots SET status = 'booked' WHERE status = 'free'", "slot-changed"),
        ("DELETE FROM slots", "slot-missing"),
        ("UPDATE referrals SET due_on = '2031-01-01'", "referral-changed"),
        ("UPDATE referrals SET outcome = replace(outcome, ':', ': ')", "referral-changed"),
        ("UPDATE appointments SET starts_at = ends_at", "appointment-changed"),
        ("DELETE FROM appointments", "appointment-missing"),
        ("UPDATE referral_calls SET note = ''", "call-changed"),
        (added("consents"), "consent-added"),
        (added("image_corrections"), "correction-added"),
        (added("slots", "held_case_id", "starts_at"), "slot-added"),
        (added("referrals", "number", "live_case_id", "live_key"), "referral-added"),
        (added("appointments", "number"), "appointment-added"),
        (added("referral_calls"), "call-added"),
        ("UPDATE image_conflicts SET key = 'x/y'", None),
        ("UPDATE institutions SET wrapped_key = X'00'", "image-damaged"),
    ],
)
def test_what_stands_beside_the_signature_is_held_against_it(
    place: Tampered, statement: str, kind: str | None
) -> None:
    assert place.findings().is_clean
    place.execute(statement)
    assert (kind in first(place)) if kind else place.findings().is_clean


def test_a_stored_image_that_is_gone_is_named_even_in_haste(place: Tampered) -> None:
    gone, cut = place.blobs()[:2]
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-1])
    findings = place.findings(is_quick=True)
    assert findings.first["image-missing"].endswith(gone.name)
    assert findings.first["image-damaged"].endswith(cut.name)


def test_haste_does_not_see_a_changed_byte_in_an_image(place: Tampered) -> None:
    path = place.blobs()[0]
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert place.findings(is_quick=True).is_clean
    assert first(place)["image-damaged"].endswith(path.name)


@pytest.mark.parametrize("left", [1, 40, 200, -10, -2, -1, None])
def test_an_anchor_that_was_torn_is_forgiven_at_the_end_alone(
    place: Tampered, left: int | None
) -> None:
    path = place.folder / FILE
    text = path.read_text()
    torn = text.splitlines()[0][:left]
    path.write_text(text + torn)
    assert place.findings().is_clean
    if left is not None:
        path.write_text(f"{torn}\n{text}")
        assert first(place) == {"anchor-changed": f"{FILE}:1"}, "the next one would have cut it off"


def test_the_next_anchor_cuts_a_torn_one_off(place: Tampered) -> None:
    path = place.folder / FILE
    text = path.read_text()
    path.write_text(text + text.splitlines()[0][:90])
    with open_engineer(place) as clinic:
        place.anchor(clinic)
    lines = path.read_text().splitlines()
    assert (lines[:-1], len(lines)) == (text.splitlines(), 3)
    assert first(place) == {}
    path.write_text("torn at the very first")
    with open_engineer(place) as clinic:
        place.anchor(clinic)
    assert path.read_text().startswith('{"anchor"')


def test_an_anchor_that_somebody_cut_short_is_named_once_there_is_later_work(
    place: Tampered,
) -> None:
    """A power cut ends the work; whoever worked on for minutes had anchored anew."""
    path = place.folder / FILE
    first_one, newest = path.read_text().splitlines()
    for torn in (newest[:60], newest[:5]):
        path.write_text(f"{first_one}\n{torn}")
        assert place.findings().is_clean, "as after a power cut"
    with open_engineer(place) as clinic:
        clinic.at(utc_now() + timedelta(minutes=9)).system(_note)
    for torn in (newest[:60], newest[:5]):
        path.write_text(f"{first_one}\n{torn}")
        assert first(place) == {"anchor-cut": f"{FILE}:2"}


def test_lines_cut_off_after_the_newest_anchor_are_seen_by_a_copy(
    place: Tampered, tmp_path: Path
) -> None:
    """A dossier in the other hospital, or the head on a paper, knows what the anchors do not."""
    with open_engineer(place) as clinic:
        clinic.system(_note)
        position, line_hash = clinic.system(lambda work: journal.head(work.session))
        dossier = tmp_path / "dossier.zip"
        case_id = place.query("SELECT id FROM cases WHERE submitted_at IS NOT NULL")[0][0]
        seal = load_seal(place.folder / "keys")
        clinic.system(_note_about, case_id=case_id)
        files = clinic.system(gather_dossier, case_id=case_id, seal=seal).files
    with zipfile.ZipFile(dossier, "w") as opened_zip:
        for name, content in files.items():
            opened_zip.writestr(name, content)
    head = f"{position}-{line_hash[:16]}"
    folder = ["--data-dir", str(place.folder)]
    assert run(["verify", *folder, "--against", str(dossier), "--head", head]) == 0
    cut = f"SELECT serial FROM journal_entries WHERE position >= {position}"
    place.execute(
        f"DELETE FROM journal_detail WHERE serial IN ({cut})",
        f"DELETE FROM journal_entries WHERE position >= {position}",
    )
    assert place.findings().is_clean, "no anchor knows of them"
    assert place.findings(copies=(dossier,)).first == {"journal-set-back": str(position)}
    assert run(["verify", *folder, "--head", head]) == 1
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(forged, "w") as opened_zip:
        for name, content in files.items():
            opened_zip.writestr(name, content.replace(b'"position":', b'"position":1'))
    for other in (forged, tmp_path / "nothing.zip"):
        assert place.findings(copies=(other,)).first == {"copy-unreadable": other.name}


@pytest.mark.parametrize("text", ["12", "12-xyz", "12-0123", "-0123456789abcdef", "a-b-c"])
def test_a_head_is_typed_as_it_is_printed(text: str) -> None:
    assert parse_head(text) is None
    found = parse_head(" 17-0123456789ABCDEF ")
    assert found is not None
    assert (found.position, found.hash) == (17, "0123456789abcdef")


def test_a_changed_anchor_is_named(place: Tampered) -> None:
    path = place.folder / FILE
    text = path.read_text()
    path.write_text(text.replace('"position": ', '"position": 1', 1))
    assert first(place) == {"anchor-changed": f"{FILE}:1"}
    for other in ("?", " ", "]", "\r", "}}"):
        path.write_text("".join(f"{line[:-1]}{other}\n" for line in text.splitlines()))
        assert place.findings().faults["anchor-changed"] == 2, "one byte a line hides nothing"
    path.write_text("".join(f"{line[1:]}\n" for line in text.splitlines()))
    assert place.findings().faults["anchor-changed"] == 2


def test_anchors_that_are_gone_are_named(place: Tampered) -> None:
    path = place.folder / FILE
    _make_older(place)
    text = path.read_text()
    path.write_text("".join(f"{line[:-20]}\n" for line in text.splitlines()))
    assert place.findings().faults["anchor-changed"] == 2, "every line was torn on purpose"
    path.unlink()
    assert "anchors-missing" in first(place)


def test_a_journal_of_the_last_minutes_has_no_anchor_yet(tmp_path: Path) -> None:
    young = Tampered(tmp_path / "young")
    prepare(Settings(data_dir=young.folder))
    with open_engineer(young) as clinic:
        clinic.at(utc_now()).system(_note)
    findings = young.findings()
    assert (findings.first, findings.checked["lines"]) == ({}, 1)


def _make_older(place: Tampered) -> None:
    """The same journal as if it had begun long ago."""
    place.execute(
        "UPDATE journal_entries SET at = '2026-01-01T00:00:00.000000Z' WHERE position = 1"
    )


def test_a_damaged_database_file_is_a_finding(place: Tampered) -> None:
    with place.database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    assert not place.findings().is_clean


def test_the_command_says_it_to_people_and_to_machines(
    place: Tampered, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    folder = ["--data-dir", str(place.folder)]
    assert run(["verify", *folder]) == 0
    assert "Everything is as it was written." in capsys.readouterr().out
    place.execute(f"UPDATE journal_entries SET reason = 'x' WHERE position = {AT}")
    assert run(["verify", *folder]) == 1
    assert f"line {AT} does not follow" in capsys.readouterr().err
    assert run(["verify", *folder, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["faults"] == [{"kind": "journal-changed", "first": str(AT), "count": 1}]


def test_verify_makes_no_key_and_no_database(
    place: Tampered, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", "--data-dir", str(tmp_path / "empty")]) == 78
    assert not (tmp_path / "empty").exists()
    seal = place.folder / "keys" / "seal.pem"
    seal.unlink()
    assert run(["verify", "--data-dir", str(place.folder)]) == 78
    assert capsys.readouterr().err.count("put it back") == 2
    assert not seal.exists()


@pytest.mark.server
def test_a_running_house_verifies(whole_house: WorldHouse) -> None:
    assert run(["verify", "--data-dir", str(whole_house.house.data_dir)]) == 0


@pytest.mark.postgres
def test_the_other_column_is_walked_as_well(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=postgres_url)
    load_vault(settings.key_file, create=True)
    load_seal(settings.key_file.parent)
    clinic = open_installation(settings)
    try:
        for _ in range(3):
            clinic.system(_note)
        assert len(clinic.lines()) == 3
        with opened(settings) as checked:
            clean = verify(checked, progress=lambda *_: None)
        tamper = text("UPDATE journal_entries SET kind = 'case.closed' WHERE position = 2")
        clinic.system(lambda work: work.session.execute(tamper) and None)
        with opened(settings) as checked:
            found = verify(checked, progress=lambda *_: None)
    finally:
        clinic.system(_forget_everything)
        clinic.units.close()
    assert (clean.is_clean, clean.checked["lines"]) == (True, 3)
    assert found.first == {"journal-changed": "2"}


def _forget_everything(work: Work) -> None:
    work.session.execute(text("DELETE FROM journal_detail"))
    work.session.execute(text("DELETE FROM journal_entries"))


def test_every_fault_has_its_sentence() -> None:
    assert all("{place}" in sentence for sentence in FAULTS.values())
