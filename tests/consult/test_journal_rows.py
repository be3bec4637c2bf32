"""A row stays like what the journal told of it when its table gets another column (0144)."""

import pytest

from consult.journal import rows
from consult.journal.row_columns import COLUMNS
from consult.kernel.keys import Vault
from server.verification.walk import KEPT

CALL = {name: name for name in COLUMNS["referral_calls"]["1"]}


@pytest.fixture
def vault() -> Vault:
    return Vault(b"k" * 32)


def test_the_newest_version_names_every_column_of_every_held_table() -> None:
    tables = [rows.table_of(kept.row_type) for kept in KEPT]
    assert {table.name for table in tables} == set(COLUMNS)
    for table in tables:
        newest = COLUMNS[table.name][rows.newest_version(table.name)]
        assert set(newest) == {column.name for column in table.columns}, table.name


def test_a_column_that_a_later_release_adds_changes_no_likeness(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows.likeness("referral_calls", CALL, version="1", vault=vault)
    grown = {**CALL, "is_by_sms": True}
    later = {"1": (*CALL,), "2": (*CALL, "is_by_sms")}
    monkeypatch.setitem(COLUMNS, "referral_calls", later)
    assert rows.newest_version("referral_calls") == "2"
    assert rows.likeness("referral_calls", grown, version="1", vault=vault) == before
    now = rows.likeness("referral_calls", grown, version="2", vault=vault)
    unsaid = {**grown, "is_by_sms": False}
    assert rows.likeness("referral_calls", unsaid, version="2", vault=vault) != now


def test_every_column_of_a_version_counts(vault: Vault) -> None:
    before = rows.likeness("referral_calls", CALL, version="1", vault=vault)
    for name in CALL:
        changed = {**CALL, name: "x"}
        assert rows.likeness("referral_calls", changed, version="1", vault=vault) != before, name


def test_a_version_of_a_later_release_and_a_column_that_is_gone_are_like_nothing(
    vault: Vault,
) -> None:
    assert not rows.likeness("referral_calls", CALL, version="9", vault=vault)
    rest = {name: value for name, value in CALL.items() if name != "note"}
    assert not rows.likeness("referral_calls", rest, version="1", vault=vault)


def test_lines_of_the_first_releases_speak_of_the_first_version() -> None:
    assert rows.parse_rows("slots/a=1 slots@2/b=2") == {
        ("slots", "a"): rows.Told("1", "1"),
        ("slots", "b"): rows.Told("2", "2"),
    }
