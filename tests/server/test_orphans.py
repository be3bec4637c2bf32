"""Bytes in the store that no row names: written down before they are there, and taken away."""

import os
from pathlib import Path

import pytest

from consult.blobs.folder import FolderStore
from consult.kernel.ids import new_id
from server.intake.spool import Spool
from tests.makers.image_house import Sender, open_image_house, until
from tests.makers.pictures import make_jpeg

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


def test_a_key_is_on_the_disk_before_its_bytes_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, ledger = Spool(tmp_path / "spool"), new_id()

    def refuse(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    for call in ("fdatasync", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, refuse)
            with pytest.raises(OSError, match="Input/output"):
                spool.note_key(ledger, "a/b")
    spool.note_key(ledger, "a/c")
    assert spool.noted_keys(ledger)[-1] == "a/c"


async def test_what_a_failed_unit_left_in_the_store_is_gone_after_the_next_start(
    tmp_path: Path,
) -> None:
    with open_image_house(tmp_path / "house") as house:
        async with Sender(house.house.base) as sender:
            await sender.arrive()
            await sender.upload(house.draft().id, make_jpeg(), "OD.jpg")
        store = FolderStore(house.house.data_dir / "blobs")
        named = sorted(store.list_keys())
        assert house.house.stop() == 0
        orphan, ledger = f"{named[0].partition('/')[0]}/{new_id()}", new_id()
        spool = Spool(house.house.data_dir / "spool")
        for key in (*named, orphan):
            spool.note_key(ledger, key)
        store.put(orphan, [b"nobody's"])
        house.house.start_again()
        await until(lambda: spool.list_ledgers() == [])
        assert sorted(store.list_keys()) == named
