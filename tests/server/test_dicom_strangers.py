"""What only another implementation can show: a machine that is called back, and agreed matching."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.pdu_primitives import SOPClassExtendedNegotiation
from pynetdicom.sop_class import (  # type: ignore[attr-defined] # made when it is asked for
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
    StudyRootQueryRetrieveInformationModelFind,
)

from consult.studies.peers import service as peers
from consult.studies.peers.model import PeerForm
from imaging.dimse import classes
from imaging.dimse.command import DATA_SET, Field, Status, Tag
from imaging.dimse.identifier import Attributes, format_identifier
from imaging.dimse.sending import receive_command
from tests.makers.databases import free_port
from tests.makers.dicom_house import CAMERA, OUR_TITLE, DicomHouse, open_dicom_house

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
CT = "dicom/explicit-vr-le/CT_small.dcm"
CT_STUDY = "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322"
CT_OBJECT = ("1.2.840.10008.5.1.4.1.1.2", "1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322")
HASTY = "HASTY"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DicomHouse]:
    """A server of this module's own."""
    with open_dicom_house(tmp_path_factory.mktemp("strangers") / "house") as opened:
        yield opened


@contextmanager
def waiting_for_reports(port: int) -> Iterator[tuple[list[Dataset], threading.Event]]:
    """A camera that is told on its own port what is kept."""
    told: list[Dataset] = []
    came = threading.Event()

    def hear(event: Any) -> tuple[int, None]:
        told.append(event.event_information)
        came.set()
        return 0x0000, None

    entity = AE(ae_title=HASTY)
    entity.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
    server = entity.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, hear)]
    )
    assert server is not None
    try:
        yield told, came
    finally:
        server.shutdown()


async def test_a_camera_that_leaves_before_the_report_is_called_back(
    door: DicomHouse, real_files: Path
) -> None:
    port = free_port()
    own = door.images.world.physician.institution
    form = PeerForm(own, HASTY, network="127.0.0.0/8", host="127.0.0.1", port=port)
    door.images.clinic.system(peers.add_peer, form=form)
    sent = await door.call("storescu", "-R", title=HASTY, file=str(real_files / CT))
    assert sent.code == 0, sent.text
    with waiting_for_reports(port) as (told, came):
        await _ask_and_leave(door)
        assert await asyncio.to_thread(came.wait, 60)
    (report,) = told
    assert report.TransactionUID == "2.25.77"
    assert [each.ReferencedSOPInstanceUID for each in report.ReferencedSOPSequence] == [
        CT_OBJECT[1]
    ]


async def test_date_and_time_are_one_moment_where_both_sides_agree(
    door: DicomHouse, real_files: Path
) -> None:
    sent = await door.call("storescu", "-R", file=str(real_files / CT))  # 2004-01-19, 07:27:30
    assert sent.code == 0, sent.text
    overnight = ("20040118-20040119", "080000-073000")
    assert await asyncio.to_thread(_find, door, *overnight, agree=True) == [CT_STUDY]
    assert await asyncio.to_thread(_find, door, *overnight, agree=False) == []
    too_early = ("20040118-20040119", "080000-070000")
    assert await asyncio.to_thread(_find, door, *too_early, agree=True) == []


def _find(door: DicomHouse, date: str, time: str, *, agree: bool) -> list[str]:
    entity = AE(ae_title=CAMERA)
    model = StudyRootQueryRetrieveInformationModelFind
    entity.add_requested_context(model)
    wish = SOPClassExtendedNegotiation()
    wish.sop_class_uid, wish.service_class_application_information = model, b"\1\1\0\0"
    line = entity.associate(
        "127.0.0.1", door.port, ae_title=OUR_TITLE, ext_neg=[wish] if agree else []
    )
    assert line.is_established
    granted = line.acceptor.sop_class_extended
    assert granted == ({model: wish.service_class_application_information} if agree else {})
    asked = Dataset()
    asked.QueryRetrieveLevel, asked.StudyInstanceUID = "STUDY", CT_STUDY
    asked.StudyDate, asked.StudyTime = date, time
    found = [each.StudyInstanceUID for _status, each in line.send_c_find(asked, model) if each]
    line.release()
    return found


async def _ask_and_leave(door: DicomHouse) -> None:
    there = await door.connect((classes.COMMITMENT, classes.IMPLICIT_LE), title=HASTY)
    values: dict[Tag, int | str] = {
        Tag.REQUESTED_CLASS: StorageCommitmentPushModel,
        Tag.FIELD: Field.N_ACTION,
        Tag.MESSAGE_ID: 1,
        Tag.DATA_SET_TYPE: DATA_SET,
        Tag.REQUESTED_INSTANCE: StorageCommitmentPushModelInstance,
        Tag.ACTION_TYPE: 1,
    }
    kind, uid = CT_OBJECT
    asked: Attributes = {0x00081195: "2.25.77", 0x00081199: [{0x00081150: kind, 0x00081155: uid}]}
    await there.line.send_message(1, values, format_identifier(asked, implicit=True, charset=""))
    assert (await receive_command(there.line)).number(Tag.STATUS) == Status.SUCCESS
    await there.release()
