"""The seal on a signed report: one changed byte is found."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from consult.reports.seal import (
    SealMalformedError,
    SealMissingError,
    SystemSeal,
    load_seal,
    require_seal,
)
from consult.reports.verify import broken_parts
from tests.makers.clinic import open_clinic
from tests.makers.consortium import make_consortium
from tests.makers.reports import (
    make_signed,
)


def test_one_changed_byte_anywhere_in_a_report_is_found(sqlite_url: str, seal: SystemSeal) -> None:
    with open_clinic(sqlite_url) as clinic:
        report = make_signed(make_consortium(clinic), seal=seal)

    assert broken_parts(report, seal=seal) == ()
    for part in ("canonical", "signature"):
        whole: bytes = getattr(report, part)
        for place in range(len(whole)):
            torn = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
            assert broken_parts(replace(report, **{part: torn}), seal=seal), (part, place)


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 64},
        {"shown_sha256": "0" * 64},
        {"version": 2},
        {"author_id": "0" * 32},
        {"patient_id": "0" * 32},
        {"case_id": "0" * 32},
        {"seal_id": "0" * 64},
    ],
)
def test_a_changed_column_beside_the_content_is_found(
    sqlite_url: str, seal: SystemSeal, change: dict[str, Any]
) -> None:
    with open_clinic(sqlite_url) as clinic:
        report = make_signed(make_consortium(clinic), seal=seal)

    assert broken_parts(replace(report, **change), seal=seal)


def test_another_installations_seal_does_not_fit(
    sqlite_url: str, seal: SystemSeal, tmp_path: Path
) -> None:
    with open_clinic(sqlite_url) as clinic:
        report = make_signed(make_consortium(clinic), seal=seal)

    assert broken_parts(report, seal=load_seal(tmp_path / "other")) == ("signature", "seal")


def test_the_seal_is_the_same_after_a_restart(tmp_path: Path) -> None:
    first = load_seal(tmp_path)
    again = load_seal(tmp_path)

    assert first.id == again.id
    assert again.is_valid(first.sign(b"report"), b"report")
    assert not again.is_valid(first.sign(b"report"), b"Report")
    assert (tmp_path / "seal.pem").stat().st_mode & 0o077 == 0


def test_two_processes_that_begin_at_once_share_one_seal(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starting:
        gate = Barrier(8)

        def start(_number: int) -> str:
            gate.wait()
            return load_seal(tmp_path / "keys").id

        assert len(set(starting.map(start, range(8)))) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["seal.pem"]


def test_a_lost_seal_is_asked_for_and_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(SealMissingError):
        require_seal(tmp_path)
    assert not any(tmp_path.iterdir())
    (tmp_path / "seal.pem").write_bytes(b"nonsense")
    for find in (require_seal, load_seal):
        with pytest.raises(SealMalformedError):
            find(tmp_path)
    assert (tmp_path / "seal.pem").read_bytes() == b"nonsense"
