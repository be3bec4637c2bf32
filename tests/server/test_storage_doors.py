"""What an administrator sees and bounds of the store, and what every door says at the bound."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydicom.dataset import Dataset

from consult.blobs.folder import FolderStore
from consult.kernel.work import Role
from consult.people.machines.model import Right
from consult.storage import service as storage
from consult.studies import audit
from consult.studies.quotas import service as quotas
from tests.makers.asking import ask, ask_raw, make_question, open_client
from tests.makers.dicomweb import Machine, failures, open_machine, written
from tests.makers.house import ROOT
from tests.makers.matrix import all_doors
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


@contextmanager
def full(house: WorldHouse) -> Iterator[None]:
    """The centre keeps exactly as many images as it may."""
    clinic = house.world.now
    at = house.world.places[Side.HOME]
    stands = clinic.system(quotas.get_usage, institution_id=at)
    clinic.system(
        quotas.set_bounds, institution_id=at, most_bytes=None, most_instances=stands.instances
    )
    try:
        yield
    finally:
        clinic.system(quotas.set_bounds, institution_id=at, most_bytes=None, most_instances=None)


def test_an_object_that_finds_no_room_is_out_of_resources_and_a_repeat_is_none(
    house: WorldHouse, machine: Machine, sample: Dataset
) -> None:
    known = written(sample)
    assert machine.store(known).status_code == 200
    sample.SOPInstanceUID = sample.file_meta.MediaStorageSOPInstanceUID = "2.25.8128"
    with full(house):
        answer = machine.store(known, written(sample))
        assert (answer.status_code, failures(answer)) == (202, [0xA700])
    assert machine.store(written(sample)).status_code == 200


async def test_an_upload_is_refused_before_a_byte_is_sent_and_people_were_told(
    house: WorldHouse,
) -> None:
    things = house.things()
    (door,) = (each for each in all_doors() if each.name == "uploads.create")
    person = house.world.person(Side.HOME, Role.PHOTOGRAPHER)
    async with open_client(house.base) as session:
        with full(house):
            refused = await ask(session, make_question(door, things), person=person)
            assert (refused.status, refused.code) == (422, "quota-full")
            for path in ("/received", f"/cases/{things['draft']}"):
                page = await ask_raw(session, "GET", path, person=person)
                assert b"Your institution uses 100 % of what it may keep" in page.body, path
        page = await ask_raw(session, "GET", "/received", person=person)
        assert b"of what it may keep" not in page.body


async def test_an_administrator_bounds_an_institution_and_sees_what_it_keeps(
    house: WorldHouse,
) -> None:
    admin = house.world.person(Side.HOME, Role.ADMINISTRATOR)
    at = house.world.places[Side.HOME]
    async with house.visitor(admin, language="en") as visitor:
        body = {"institution_id": at, "most_gb": 2, "most_instances": None}
        status, answer = await visitor.send("/api/admin/storage/quota", body)
        assert (status, answer) == (200, {"location": "/admin/storage"})
        _status, page = await visitor.get("/api/admin/storage")
        (row,) = (each for each in page["usage"] if each["institution_id"] == at)
        assert (row["most_bytes"], row["is_near"]) == (2 * 10**9, False)
        assert row["percent"] < 50
        assert row["instances"] > 0
        status, _page = await visitor.page("/admin/storage")
        assert status == 200
        await visitor.send("/api/admin/storage/quota", {"institution_id": at})
        with full(house):
            _status, html = await visitor.page("/admin")
            assert "Nearly as many images are kept as may be" in html
            _status, overview = await visitor.get("/api/admin/overview")
            assert len(overview["nearly_full"]) == 1


async def test_the_command_has_a_running_server_read_everything_and_names_a_flipped_bit(
    whole_house: WorldHouse, sample: Dataset
) -> None:
    house, clinic = whole_house.house, whole_house.world.now
    assert open_machine(whole_house, *Right).store(written(sample)).status_code == 200
    found = clinic.system(lambda work: audit.blobs_after(work.session, "", limit=100))
    blob, kind, object_id, part = found[-1]
    store = FolderStore(house.data_dir / "blobs")
    whole = store.read(blob.key, start=0, length=store.size(blob.key))
    store.put(blob.key, [whole[:-3] + bytes([whole[-3] ^ 4]) + whole[-2:]])
    said = await asyncio.to_thread(_scrub, whole_house)
    assert said.returncode == 1
    assert f"{kind} {object_id} ({part})" in said.stderr
    async with open_client(house.base) as session:
        metrics = (await ask_raw(session, "GET", "/metrics", person=None)).body.decode()
    assert re.search(r"^lianzhen_storage_faults ", metrics, re.MULTILINE)
    store.put(blob.key, [whole])
    said = await asyncio.to_thread(_scrub, whole_house)
    assert (said.returncode, clinic.system(storage.count_faults)) == (0, 0), said.stderr


def _scrub(house: WorldHouse) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "server", "scrub"],
        cwd=ROOT,
        env={**os.environ, **house.house.environment, "LANG": "en_US.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
