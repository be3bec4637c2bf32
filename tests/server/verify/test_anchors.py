"""Anchors beside the journal, and copies elsewhere: what they forgive, and what they tell (T16)."""
# ruff: noqa: S608 - the statements of a hand in the database, with numbers of our own

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from consult.dossiers.service import gather_dossier
from consult.journal import service as journal
from consult.kernel.work import Entry, Work
from consult.reports.seal import load_seal
from server.__main__ import run
from server.anchors import FILE
from server.installation import prepare
from server.settings import Settings
from server.transactions import utc_now
from server.verification.copies import parse_head
from tests.makers.marks import lesions
from tests.makers.tampered import Tampered
from tests.makers.tampering import first, note, open_engineer

pytestmark = pytest.mark.timeout(180)


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
        clinic.at(utc_now() + timedelta(minutes=9)).system(note)
    for torn in (newest[:60], newest[:5]):
        path.write_text(f"{first_one}\n{torn}")
        assert first(place) == {"anchor-cut": f"{FILE}:2"}


def test_lines_cut_off_after_the_newest_anchor_are_seen_by_a_copy(
    place: Tampered, tmp_path: Path
) -> None:
    """A dossier in the other hospital, or the head on a paper, knows what the anchors do not."""
    with open_engineer(place) as clinic:
        clinic.system(note)
        position, line_hash = clinic.system(lambda work: journal.head(work.session))
        dossier = tmp_path / "dossier.zip"
        case_id = place.query("SELECT id FROM cases WHERE submitted_at IS NOT NULL")[0][0]
        seal = load_seal(place.folder / "keys")
        clinic.system(_note_about, case_id=case_id)
        files = clinic.system(gather_dossier, case_id=case_id, seal=seal, lesions=lesions()).files
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
        clinic.at(utc_now()).system(note)
    findings = young.findings()
    assert (findings.first, findings.checked["lines"]) == ({}, 1)


def _make_older(place: Tampered) -> None:
    """The same journal as if it had begun long ago."""
    place.execute(
        "UPDATE journal_entries SET at = '2026-01-01T00:00:00.000000Z' WHERE position = 1"
    )


def _note_about(work: Work, *, case_id: str) -> None:
    work.journal(Entry("case.forwarded", "case", case_id, case_id=case_id))
