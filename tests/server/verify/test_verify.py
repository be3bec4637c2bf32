"""`lianzhen verify`: an untouched folder is clean, and every kind of tampering is named (T16)."""
# ruff: noqa: S608 - the statements of a hand in the database, with numbers of our own

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from consult.db.base import Base
from consult.kernel.keys import load_vault
from consult.kernel.work import Work
from consult.reports.seal import load_seal
from server.__main__ import run
from server.anchors import FILE
from server.settings import Settings
from server.verification.opened import opened
from server.verification.sentences import FAULTS
from server.verification.walk import verify
from tests.makers.tampered import Tampered
from tests.makers.tampering import first, note, open_engineer, rechain
from tests.makers.world import open_installation
from tests.makers.world_house import WorldHouse

pytestmark = pytest.mark.timeout(180)
AT = 20
"""The line at which the hand strikes."""


def added(table: str, *other: str) -> str:
    """A row that nobody wrote: the first one once more, under another id."""
    row_type = next(each for each in Base.__subclasses__() if each.__tablename__ == table)
    names = [column.name for column in row_type.__table__.columns]
    taken = (f"{name} || 'x'" if name in ("id", *other) else name for name in names)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(taken)} FROM {table} LIMIT 1"
    )


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
        clinic.system(note)
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
        ("UPDATE video_windows SET minutes = 5", "video-window-changed"),
        ("DELETE FROM video_leaves", "video-leave-missing"),
        ("UPDATE video_sessions SET status = 'over'", "video-session-changed"),
        (added("video_sessions", "live_case_id"), "video-session-added"),
        ("UPDATE rooms SET host_id = 'x'", "video-call-changed"),
        ("UPDATE rooms SET ended_at = NULL, how = NULL", "video-call-changed"),
        (added("rooms"), "video-call-added"),
        ("UPDATE room_stays SET left_at = '2026-01-01T00:00:00.000000Z'", "attendance-changed"),
        ("UPDATE room_stays SET how = 'lost'", "attendance-changed"),
        ("UPDATE room_stays SET person_id = 'x'", "attendance-changed"),
        ("DELETE FROM room_stays", "attendance-missing"),
        (added("room_stays"), "attendance-added"),
        ("UPDATE room_minutes SET content = 'x'", "minutes-changed"),
        ("DELETE FROM room_minutes", "minutes-missing"),
        (added("room_minutes", "room_id"), "minutes-added"),
        ("UPDATE room_words SET text = X'00'", "word-changed"),
        ("UPDATE room_words SET person_id = 'x'", "word-changed"),
        ("DELETE FROM room_words", "word-missing"),
        (added("room_words"), "word-added"),
        ("UPDATE room_present SET name = 'x'", "present-changed"),
        ("UPDATE room_present SET gone_at = NULL", "present-changed"),
        ("DELETE FROM room_present", "present-missing"),
        (added("room_present"), "present-added"),
        ("UPDATE telephone_consults SET result = 'x'", "telephone-changed"),
        ("UPDATE telephone_consults SET with_id = NULL", "telephone-changed"),
        ("DELETE FROM telephone_consults", "telephone-missing"),
        (added("telephone_consults"), "telephone-added"),
        ("UPDATE room_turns SET person_id = 'x'", "turn-changed"),
        ("UPDATE room_turns SET given_at = NULL", "turn-changed"),
        ("DELETE FROM room_turns", "turn-missing"),
        (added("room_turns"), "turn-added"),
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
            clinic.system(note)
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


def test_marks_that_somebody_moved_are_named(place: Tampered) -> None:
    moved = "SET content = CAST(replace(CAST(content AS TEXT), '9.5', '9.6') AS BLOB)"
    place.execute(f"UPDATE report_marks {moved}")
    assert set(first(place)) == {"report-marks"}
    place.execute(f"UPDATE annotation_revisions {moved}")
    assert set(first(place)) == {"report-marks", "marks-changed"}
    place.execute("DELETE FROM report_marks", "DELETE FROM annotation_sheets")
    assert set(first(place)) == {"report-marks", "marks-missing"}


def test_an_earlier_revision_of_marks_is_held_to_the_journal_as_well(place: Tampered) -> None:
    assert place.findings().is_clean, "three revisions, and all of them are kept"
    of_three = "(SELECT case_id FROM annotation_sheets WHERE revision = 3)"
    second = f"WHERE revision = 2 AND case_id = {of_three}"
    moved = "SET content = CAST(replace(CAST(content AS TEXT), '3.0', '3.5') AS BLOB)"
    place.execute(f"UPDATE annotation_revisions {moved} {second}")
    found = first(place)
    assert (set(found), found["marks-earlier"][-2:]) == ({"marks-earlier"}, " 2")
    place.execute(f"DELETE FROM annotation_revisions {second}")
    assert set(first(place)) == {"marks-earlier"}
    place.execute(
        "INSERT INTO annotation_revisions (case_id, reader_id, revision, saved_at, content)"
        " SELECT case_id, reader_id, 9, saved_at, content FROM annotation_revisions"
        f" WHERE revision = 1 AND case_id = {of_three}"
    )
    assert place.findings().faults == {"marks-earlier": 2}


def test_an_own_reading_is_held_to_the_hash_that_was_locked(place: Tampered) -> None:
    assert place.findings().checked["own readings"] == 1
    for changed, back in (
        ("words = '右眼异常'", "words = '右眼未见异常'"),
        ("was_blind = 1 - was_blind", "was_blind = 1 - was_blind"),
        (
            """eyes = replace(eyes, '"icdr":0', '"icdr":1')""",
            """eyes = replace(eyes, '"icdr":1', '"icdr":0')""",
        ),
    ):
        place.execute(f"UPDATE own_readings SET {changed}")
        assert set(first(place)) == {"own-reading-changed"}
        place.execute(f"UPDATE own_readings SET {back}")
        assert place.findings().is_clean
    place.execute("UPDATE own_readings SET eyes = '{}'")
    assert set(first(place)) == {"own-reading-changed"}
    place.execute("DELETE FROM own_readings")
    assert set(first(place)) == {"own-reading-missing"}
