"""Strangers: `dicomweb-client` stores, searches, retrieves, and reads what it stored."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from dicomweb_client import DICOMwebClient
from pydicom import dcmread
from requests import Session
from yarl import URL

from consult.people.machines.model import Right
from tests.makers.machines import add_machine
from tests.makers.world import CODES
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def machine(house: WorldHouse) -> DICOMwebClient:
    """The public library, as another archive of the centre."""
    session = Session()
    session.headers["Authorization"] = f"Bearer {add_machine(house, *Right)}"
    return DICOMwebClient(f"{house.base}/dicomweb/{CODES[Side.HOME]}", session=session)


def find(real_files: Path, word: str) -> Path:
    """A real file of this kind."""
    return min((real_files / "dicom" / word).glob("*.dcm"))


@pytest.mark.parametrize(
    "kind",
    [
        "ophthalmic",
        "implicit-vr-le",
        "explicit-vr-be",
        "multiframe-enhanced",
        "structured-report",
        "jpeg-lossless",
        "jpeg-baseline",
        "deflated",
    ],
)
def test_what_a_stranger_stores_she_finds_and_gets_back(
    machine: DICOMwebClient, real_files: Path, kind: str
) -> None:
    sent = dcmread(find(real_files, kind))
    told = machine.store_instances([sent])
    assert "FailedSOPSequence" not in told
    assert told.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == sent.SOPInstanceUID
    uids = (sent.StudyInstanceUID, sent.SeriesInstanceUID, sent.SOPInstanceUID)
    (study,) = machine.search_for_studies(search_filters={"StudyInstanceUID": uids[0]})
    assert study["0020000D"]["Value"] == [uids[0]]
    assert uids[1] in {each["0020000E"]["Value"][0] for each in machine.search_for_series(uids[0])}
    assert uids[2] in {
        each["00080018"]["Value"][0] for each in machine.search_for_instances(*uids[:2])
    }
    back = machine.retrieve_instance(*uids, media_types=(("application/dicom", "*"),))
    assert back.SOPInstanceUID == uids[2]
    assert back.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
    assert uids[2] in {each.SOPInstanceUID for each in machine.retrieve_series(*uids[:2])}
    metadata = machine.retrieve_instance_metadata(*uids)
    assert metadata["00080016"]["Value"] == [sent.SOPClassUID]
    assert metadata["00100020"].get("Value", [""]) == [sent.PatientID]


@pytest.mark.parametrize("kind", ["implicit-vr-le", "jpeg-lossless", "multiframe-enhanced"])
def test_frames_and_pictures_are_those_of_the_object(
    machine: DICOMwebClient, real_files: Path, kind: str
) -> None:
    sent = dcmread(find(real_files, kind))
    machine.store_instances([sent])
    uids = (sent.StudyInstanceUID, sent.SeriesInstanceUID, sent.SOPInstanceUID)
    (frame,) = machine.retrieve_instance_frames(*uids, frame_numbers=[1])
    pixels = sent.pixel_array
    first = pixels[0] if int(sent.get("NumberOfFrames", 1)) > 1 else pixels
    got = np.frombuffer(frame, first.dtype)[: first.size].reshape(first.shape)
    assert np.array_equal(got, first)
    picture = machine.retrieve_instance_rendered(*uids, media_types=("image/jpeg",))
    assert picture.startswith(b"\xff\xd8")
    small = machine.retrieve_instance_rendered(
        *uids, media_types=("image/jpeg",), params={"viewport": "64,64", "quality": "40"}
    )
    assert small != picture


def test_bulk_data_are_read_from_where_the_metadata_say(
    machine: DICOMwebClient, house: WorldHouse, real_files: Path
) -> None:
    sent = dcmread(find(real_files, "implicit-vr-le"))
    machine.store_instances([sent])
    uids = (sent.StudyInstanceUID, sent.SeriesInstanceUID, sent.SOPInstanceUID)
    told = machine.retrieve_instance_metadata(*uids)
    place = URL(told["7FE00010"]["BulkDataURI"])  # this client names its host without the port
    (pixels,) = machine.retrieve_bulkdata(f"{house.base}{place.path}")
    assert pixels == sent.PixelData


def test_whoever_names_no_syntax_gets_the_default_one_with_the_same_pixels(
    machine: DICOMwebClient, real_files: Path
) -> None:
    sent = dcmread(find(real_files, "jpeg-lossless"))
    machine.store_instances([sent])
    uids = (sent.StudyInstanceUID, sent.SeriesInstanceUID, sent.SOPInstanceUID)
    back = machine.retrieve_instance(*uids, media_types=("application/dicom",))
    assert back.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert hashlib.sha256(back.pixel_array.tobytes()).digest() == (
        hashlib.sha256(sent.pixel_array.tobytes()).digest()
    )
