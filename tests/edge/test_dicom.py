"""A camera on the LAN stores into the spool by C-STORE; what is answered counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom.uid import generate_uid

from consult.studies.model import Uids
from edge.dicom import CameraDoor
from imaging.dimse import classes
from imaging.dimse.command import Status
from imaging.dimse.errors import PeerGoneError
from imaging.dimse.house import Place
from imaging.dimse.incoming import ObjectName
from imaging.dimse.sending import Outward, Requestor
from tests.makers.cameras import Watch, open_watch
from tests.makers.databases import free_port
from tests.makers.open_door import PATIENCE
from tests.makers.tiny_images import OP_8_BIT, tiny_dicom

EXPLICIT_LE = "1.2.840.10008.1.2.1"


async def connect(port: int, *, called: str = "LIANZHEN") -> Requestor:
    """Associate as a camera."""
    return await Requestor.connect(
        Place(called, "127.0.0.1", port),
        calling="CAMERA",
        proposals=((OP_8_BIT, EXPLICIT_LE), (classes.VERIFICATION, classes.IMPLICIT_LE)),
        outward=Outward(PATIENCE, 1 << 17),
    )


@contextmanager
def listening(tmp_path: Path, **more: object) -> Iterator[tuple[Watch, int]]:
    """An agent that listens, and its port."""
    port = free_port()
    with open_watch(tmp_path / "c", server="http://127.0.0.1:9", token="t", **more) as watch:
        state, spool = tmp_path / "c-state", watch.agent.spool
        door = CameraDoor(state, spool, title="LIANZHEN", clock=watch.clock)
        door.open("127.0.0.1", port)
        try:
            yield watch, port
        finally:
            door.close()


@pytest.fixture
def shot(tmp_path: Path) -> tuple[Path, ObjectName]:
    """An object of a camera."""
    uids = Uids(generate_uid(), generate_uid(), generate_uid())
    file = tmp_path / "one.dcm"
    file.write_bytes(tiny_dicom(uids, name="", number="", laterality="R"))
    return file, ObjectName(OP_8_BIT, uids.sop_instance_uid, EXPLICIT_LE)


async def test_an_object_is_answered_when_it_counts_and_is_kept_once(
    tmp_path: Path, shot: tuple[Path, ObjectName]
) -> None:
    with listening(tmp_path) as (watch, port):
        camera = await connect(port)
        for _ in range(2):
            assert await camera.store(*shot, {}) == Status.SUCCESS
        await camera.release()
        assert watch.agent.store.depth().waiting == 1
        with pytest.raises(PeerGoneError):
            await connect(port, called="OTHER")
    assert list((tmp_path / "c-state" / "incoming").iterdir()) == []


async def test_a_full_spool_tells_the_camera_to_try_again(
    tmp_path: Path, shot: tuple[Path, ObjectName]
) -> None:
    with listening(tmp_path, most_bytes=10) as (watch, port):
        camera = await connect(port)
        assert await camera.store(*shot, {}) == Status.OUT_OF_RESOURCES
        await camera.release()
        assert watch.agent.store.depth().waiting == 0
