"""What STOW-RS takes, refuses, and says of it."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
import requests
from pydicom import dcmread
from pydicom.dataset import Dataset

from consult.kernel.work import Role
from tests.makers import hostile
from tests.makers.dicomweb import BOUNDARY, JSON, Machine, failures, place_of, written
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


def test_the_same_again_is_stored_and_other_bytes_under_its_number_wait_for_a_person(
    machine: Machine, sample: Dataset
) -> None:
    first = written(sample)
    assert [machine.store(first).status_code for _ in range(2)] == [200, 200]
    sample.PatientComments = "other"
    answer = machine.store(written(sample))
    assert (answer.status_code, failures(answer)) == (409, [0x0111])
    syntax = 'application/dicom; transfer-syntax="*"'
    assert machine.get(place_of(sample), accept=syntax).content == first
    found = machine.get(f"/studies?StudyInstanceUID={sample.StudyInstanceUID}").json()
    assert found[0]["00201208"]["Value"] == [1]


def test_what_is_broken_is_said_and_the_rest_is_stored(machine: Machine, sample: Dataset) -> None:
    whole = written(sample)
    cut = bytearray(whole[: len(whole) // 2])
    answer = machine.store(whole, b"no dicom at all", bytes(cut))
    assert answer.status_code == 202
    assert failures(answer) == [0xC000, 0xC000]
    assert len(answer.json()["00081199"]["Value"]) == 1
    assert machine.store(b"nothing").status_code == 409


def test_what_would_stand_in_a_header_later_is_a_uid_or_refused(machine: Machine) -> None:
    forged = hostile.sound_picture(syntax="1.2.840.10008.1.2.4.50\r\nX-Forged: yes")
    answer = machine.store(forged)
    assert (answer.status_code, failures(answer)) == (409, [0x0117])


def test_many_small_parts_that_are_nothing_are_refused_each(
    machine: Machine, sample: Dataset
) -> None:
    nothing = [b"", b"nothing", b"%PDF-1.7 ", b"PK\3\4" + bytes(30)] * 100
    answer = machine.store(*nothing, written(sample))
    assert answer.status_code == 202
    assert failures(answer) == [0xC000] * len(nothing)
    assert machine.get(place_of(sample), accept="application/dicom").status_code == 200


def test_an_address_of_a_study_takes_that_study_alone(machine: Machine, sample: Dataset) -> None:
    answer = machine.store(written(sample), path="/studies/1.2.3")
    assert (answer.status_code, failures(answer)) == (409, [0x0106])
    path = f"/studies/{sample.StudyInstanceUID}"
    assert machine.get(path, accept="multipart/related; type=application/dicom").status_code == 404
    assert machine.store(written(sample), path=path).status_code == 200


def test_data_sets_in_json_come_with_their_bulk_data(machine: Machine, sample: Dataset) -> None:
    pixels = sample.PixelData
    told = sample.to_json_dict()
    told["7FE00010"] = {"vr": "OW", "BulkDataURI": "bulk/1"}
    octets = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
    answer = machine.send(
        [
            ({"Content-Type": JSON}, json.dumps([told]).encode()),
            ({"Content-Type": octets, "Content-Location": "bulk/1"}, pixels),
        ],
        kind=JSON,
    )
    assert answer.status_code == 200, answer.text
    back = machine.get(place_of(sample), accept="application/dicom")
    stored = dcmread(io.BytesIO(back.content))
    assert (stored.PixelData, str(stored.PatientName)) == (pixels, "Wang^XiaoDong=王^小东")


def test_pixels_in_the_text_are_whole_or_the_object_is_refused(
    machine: Machine, sample: Dataset
) -> None:
    told, pixels = sample.to_json_dict(), sample.PixelData
    coded = told["7FE00010"]["InlineBinary"]
    for broken in ("!" + coded, coded[:-1] + "*"):
        told["7FE00010"]["InlineBinary"] = broken
        answer = machine.send([({"Content-Type": JSON}, json.dumps([told]).encode())], kind=JSON)
        assert (answer.status_code, failures(answer)) == (409, [0xC000])
    told["7FE00010"]["InlineBinary"] = coded
    answer = machine.send([({"Content-Type": JSON}, json.dumps([told]).encode())], kind=JSON)
    assert answer.status_code == 200, answer.text
    back = machine.get(place_of(sample), accept="application/dicom")
    assert dcmread(io.BytesIO(back.content)).PixelData == pixels


@pytest.mark.parametrize("kind", ["text/html", "application/dicom+xml"])
def test_other_kinds_of_body_are_refused(machine: Machine, kind: str) -> None:
    assert machine.store(b"x", kind=kind).status_code == 415


def test_a_body_that_ends_too_early_stores_nothing(machine: Machine, sample: Dataset) -> None:
    headers = {
        "Authorization": f"Bearer {machine.token}",
        "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
    }
    body = b"--tear-here\r\n\r\n" + written(sample)
    answer = requests.post(f"{machine.base}/studies", data=body, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (400, "multipart-cut")
    assert machine.get(f"/studies?StudyInstanceUID={sample.StudyInstanceUID}").json() == []


def test_a_long_body_is_filed_some_at_a_time(machine: Machine, sample: Dataset) -> None:
    parts = []
    for number in range(51):
        sample.SOPInstanceUID = f"{sample.SeriesInstanceUID}.{number}"
        sample.file_meta.MediaStorageSOPInstanceUID = sample.SOPInstanceUID
        parts.append(b"--tear-here\r\n\r\n" + written(sample) + b"\r\n")
    headers = {
        "Authorization": f"Bearer {machine.token}",
        "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
    }
    body = b"".join(parts)
    answer = requests.post(f"{machine.base}/studies", data=body, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (400, "multipart-cut")
    found = f"/studies/{sample.StudyInstanceUID}/instances"
    assert len(machine.get(found).json()) == 50
    whole = b"".join([*parts[49:], b"--tear-here--\r\n"])
    answer = requests.post(f"{machine.base}/studies", data=whole, headers=headers, timeout=60)
    told = [each["00081155"]["Value"][0] for each in answer.json()["00081199"]["Value"]]
    assert told == [f"{sample.SeriesInstanceUID}.{number}" for number in (49, 50)]
    assert len(machine.get(found).json()) == 51


@pytest.mark.parametrize(
    ("told", "code"), [("[" + "{}," * 1000 + "{}]", "json-too-long"), ("[1]", "json-malformed")]
)
def test_more_data_sets_than_are_taken_at_once_are_refused(
    machine: Machine, told: str, code: str
) -> None:
    answer = machine.send([({"Content-Type": JSON}, told.encode())], kind=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_packed_body_is_not_unpacked(machine: Machine, sample: Dataset) -> None:
    body = b"--tear-here\r\n\r\n" + written(sample) + b"\r\n--tear-here--\r\n"
    for coding, status in (("gzip", 415), ("identity", 200)):
        headers = {
            "Authorization": f"Bearer {machine.token}",
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
            "Content-Encoding": coding,
        }
        data = gzip.compress(body) if coding == "gzip" else body
        answer = requests.post(f"{machine.base}/studies", data=data, headers=headers, timeout=60)
        assert answer.status_code == status


@pytest.mark.parametrize("body", [b"--tear-here--\r\n", b"--tear-here\r\n\r\n[]\r\n--tear-here--"])
def test_a_body_that_holds_no_object_is_a_bad_request(machine: Machine, body: bytes) -> None:
    kind = JSON if b"[]" in body else "application/dicom"
    headers = {
        "Authorization": f"Bearer {machine.token}",
        "Content-Type": f'multipart/related; type="{kind}"; boundary={BOUNDARY}',
    }
    answer = requests.post(f"{machine.base}/studies", data=body, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (400, "nothing-to-store")


def test_an_object_that_came_without_a_case_is_nobodys(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    machine.store(written(sample))
    stored: list[Any] = [each for each in house.world.now.lines() if each.kind == "image.stored"]
    assert (stored[-1].case_id, stored[-1].patient_id) == (None, None)
    assert stored[-1].codes["way"] == "stow"


def coloured(sample: Dataset, *, frames: int = 1) -> dict[str, Any]:
    """The sample as a data set whose pixels are photographs, one a frame."""
    told = sample.to_json_dict()
    for tag, values in (("00280010", [701]), ("00280011", [1051]), ("00280002", [3])):
        told[tag] = {"vr": "US", "Value": values}
    for tag in ("00280100", "00280101"):
        told[tag] = {"vr": "US", "Value": [8]}
    told["00280102"] = {"vr": "US", "Value": [7]}
    told["00280004"] = {"vr": "CS", "Value": ["YBR_FULL_422"]}
    told["00280008"] = {"vr": "IS", "Value": [frames]}
    told["7FE00010"] = {"vr": "OB", "BulkDataURI": "1"}
    return told


def test_a_coded_frame_in_json_stays_coded(
    machine: Machine, sample: Dataset, real_files: Path
) -> None:
    photograph = (real_files / "image/fundus/HRF_07_h_downscaled.jpg").read_bytes()
    parts = [
        ({"Content-Type": JSON}, json.dumps([coloured(sample)]).encode()),
        ({"Content-Type": "image/jpeg", "Content-Location": "1"}, photograph),
    ]
    assert machine.send(parts, kind=JSON).status_code == 200
    frame = machine.get(f"{place_of(sample)}/frames/1", accept="image/jpeg")
    assert frame.headers["Content-Type"].startswith("image/jpeg")
    assert frame.content[: len(photograph)] == photograph


def test_coded_frames_in_json_come_one_part_each_and_in_their_order(
    machine: Machine, sample: Dataset, real_files: Path
) -> None:
    photograph = (real_files / "image/fundus/HRF_07_h_downscaled.jpg").read_bytes()
    given = [photograph, photograph[:-2] + b"\xff\xfe\x00\x06mark\xff\xd9"]
    wrong = coloured(sample, frames=3)
    parts = [({"Content-Type": JSON}, json.dumps([wrong]).encode())]
    parts += [({"Content-Type": "image/jpeg", "Content-Location": "1"}, each) for each in given]
    refused = machine.send(parts, kind=JSON)
    assert (refused.status_code, failures(refused)) == (409, [0xC000])
    parts[0] = ({"Content-Type": JSON}, json.dumps([coloured(sample, frames=2)]).encode())
    assert machine.send(parts, kind=JSON).status_code == 200
    for number, meant in enumerate(given, 1):
        frame = machine.get(f"{place_of(sample)}/frames/{number}", accept="image/jpeg")
        assert frame.content[: len(meant)] == meant
    mixed = [*parts[:2], ({"Content-Type": "image/jls", "Content-Location": "1"}, b"x")]
    answer = machine.send(mixed, kind=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "multipart-malformed")


def test_no_door_speaks_xml(machine: Machine, sample: Dataset) -> None:
    assert machine.store(written(sample)).status_code == 200
    xml = 'multipart/related; type="application/dicom+xml"'
    for path in ("/studies", f"{place_of(sample)}/metadata", place_of(sample)):
        assert machine.get(path, accept=xml).status_code == 406, path
    told = {"Authorization": f"Bearer {machine.token}", "Accept": "application/dicom+xml"}
    kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    answer = requests.post(
        f"{machine.base}/studies",
        data=b"--tear-here\r\n\r\nx\r\n--tear-here--\r\n",
        headers={**told, "Content-Type": kind},
        timeout=60,
    )
    assert answer.status_code == 406


def test_people_store_by_their_page_and_by_no_other_site(
    house: WorldHouse, sample: Dataset
) -> None:
    person = house.world.person(Side.HOME, Role.PHOTOGRAPHER)
    body = b"--x\r\n\r\n" + written(sample) + b"\r\n--x--\r\n"
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=x'}
    told = [
        requests.post(
            f"{house.base}/dicomweb/studies",
            data=body,
            headers=headers | {"X-CSRF-Token": token},
            cookies=person.cookies,
            timeout=60,
        )
        for token in ("", person.csrf)
    ]
    assert [answer.status_code for answer in told] == [403, 200]
