"""The master key, sealed columns and wrapped keys."""

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.kernel.keys import (
    KeyFileMalformedError,
    KeyFileMissingError,
    SealBrokenError,
    Vault,
    load_vault,
    make_key,
    salted,
    unwrap_key,
    wrap_key,
)

IDENTITY_NUMBER = "11010519491231002X"
VAULT = Vault(make_key())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_from_its_seal(text: str) -> None:
    assert VAULT.open(VAULT.seal(text, purpose="phone"), purpose="phone") == text


def test_a_sealed_identity_number_cannot_be_read_in_the_column() -> None:
    sealed = VAULT.seal(IDENTITY_NUMBER, purpose="identity")
    assert IDENTITY_NUMBER.encode() not in sealed
    assert sealed != VAULT.seal(IDENTITY_NUMBER, purpose="identity")


def test_a_sealed_column_opens_only_for_its_purpose_and_under_its_key() -> None:
    sealed = VAULT.seal(IDENTITY_NUMBER, purpose="identity")
    with pytest.raises(SealBrokenError):
        VAULT.open(sealed, purpose="phone")
    with pytest.raises(SealBrokenError):
        Vault(make_key()).open(sealed, purpose="identity")


def test_every_changed_or_missing_byte_of_a_seal_is_noticed() -> None:
    sealed = VAULT.seal("手机", purpose="phone")
    changed = [
        sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))
    ]
    cut = [sealed[:at] for at in range(len(sealed))]
    for broken in (*changed, *cut):
        with pytest.raises(SealBrokenError):
            VAULT.open(broken, purpose="phone")


def test_a_broken_seal_does_not_tell_what_it_held() -> None:
    sealed = VAULT.seal(IDENTITY_NUMBER, purpose="identity")
    with pytest.raises(SealBrokenError) as told:
        VAULT.open(sealed, purpose="phone")
    assert str(told.value) == "seal-broken"
    assert IDENTITY_NUMBER not in repr(told.value.facts)


def test_the_blind_index_finds_equal_numbers_and_nothing_across_purposes() -> None:
    index = VAULT.blind(IDENTITY_NUMBER, purpose="identity")
    assert index == VAULT.blind(IDENTITY_NUMBER, purpose="identity")
    assert index != VAULT.blind(IDENTITY_NUMBER, purpose="phone")
    assert index != VAULT.blind(IDENTITY_NUMBER[:-1] + "0", purpose="identity")
    assert index != Vault(make_key()).blind(IDENTITY_NUMBER, purpose="identity")


def test_a_salted_hash_depends_on_text_and_salt() -> None:
    salt = os.urandom(16)
    assert salted("note", salt) == salted("note", salt)
    assert len({salted("note", salt), salted("Note", salt), salted("note", os.urandom(16))}) == 3


def test_an_institution_key_belongs_to_one_institution() -> None:
    wrapped = VAULT.make_institution_key("a" * 32)
    assert len(VAULT.unwrap_institution_key(wrapped, institution_id="a" * 32)) == 32
    with pytest.raises(SealBrokenError):
        VAULT.unwrap_institution_key(wrapped, institution_id="b" * 32)


def test_the_master_key_can_be_changed_without_touching_a_blob() -> None:
    wrapped = VAULT.make_institution_key("a" * 32)
    key = VAULT.unwrap_institution_key(wrapped, institution_id="a" * 32)
    new_vault = Vault(make_key())
    again = new_vault.wrap_institution_key(key, institution_id="a" * 32)
    assert new_vault.unwrap_institution_key(again, institution_id="a" * 32) == key


def test_a_wrapped_key_opens_only_under_the_key_that_wrapped_it() -> None:
    key, outer = make_key(), make_key()
    wrapped = wrap_key(key, by=outer, purpose="blob:1")
    assert unwrap_key(wrapped, by=outer, purpose="blob:1") == key
    with pytest.raises(SealBrokenError):
        unwrap_key(wrapped, by=make_key(), purpose="blob:1")
    with pytest.raises(SealBrokenError):
        unwrap_key(wrapped, by=outer, purpose="blob:2")


def test_the_first_start_makes_a_key_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    key_file = tmp_path / "keys" / "master.key"
    sealed = load_vault(key_file, create=True).seal("x", purpose="p")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert [path.name for path in key_file.parent.iterdir()] == ["master.key"]
    assert load_vault(key_file, create=True).open(sealed, purpose="p") == "x"
    assert load_vault(key_file).open(sealed, purpose="p") == "x"


def test_without_leave_to_make_one_a_missing_key_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileMissingError):
        load_vault(tmp_path / "master.key")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"secret", b"lianzhen-master-key-1 !!!!", b"lianzhen-master-key-1 QUJD\n"],
)
def test_a_key_file_with_anything_else_in_it_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    key_file = tmp_path / "master.key"
    key_file.write_bytes(content)
    with pytest.raises(KeyFileMalformedError):
        load_vault(key_file, create=True)
    assert key_file.read_bytes() == content


def test_two_servers_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    key_file = tmp_path / "keys" / "master.key"
    gate = threading.Barrier(8)
    indexes: list[str] = []

    def start() -> None:
        gate.wait()
        indexes.append(load_vault(key_file, create=True).blind("x", purpose="p"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(indexes) == 8
    assert len(set(indexes)) == 1
