"""Anchors: the head of the journal in a signed line that nobody can write without the key."""

import json
from pathlib import Path

import pytest

from consult.journal.anchor import Anchor, format_anchor, parse_anchor
from consult.reports.seal import SystemSeal, load_seal
from tests.makers.clinic import MORNING


@pytest.fixture
def seal(tmp_path: Path) -> SystemSeal:
    return load_seal(tmp_path)


def test_an_anchor_reads_back_as_it_was_written(seal: SystemSeal) -> None:
    anchor = Anchor(MORNING, 17, "ab" * 32)
    line = format_anchor(anchor, sign=seal.sign, seal_id=seal.id)
    assert parse_anchor(line, is_valid=seal.is_valid) == anchor


@pytest.mark.parametrize("change", [{"position": 16}, {"hash": "cd" * 32}, {"at": "2020-01-01"}])
def test_a_changed_anchor_is_not_believed(seal: SystemSeal, change: dict[str, object]) -> None:
    line = format_anchor(Anchor(MORNING, 17, "ab" * 32), sign=seal.sign, seal_id=seal.id)
    parts = json.loads(line)
    parts["anchor"] |= change
    assert parse_anchor(json.dumps(parts), is_valid=seal.is_valid) is None


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"anchor": {}}', "not json", '{"anchor": 1}'])
def test_nonsense_is_no_anchor(seal: SystemSeal, line: str) -> None:
    assert parse_anchor(line, is_valid=seal.is_valid) is None


def test_another_key_does_not_make_our_anchor(seal: SystemSeal, tmp_path: Path) -> None:
    other = load_seal(tmp_path / "other")
    line = format_anchor(Anchor(MORNING, 1, "00" * 32), sign=other.sign, seal_id=seal.id)
    assert parse_anchor(line, is_valid=seal.is_valid) is None
