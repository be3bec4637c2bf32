"""Something that speaks DICOMweb by hand, and a small object to send."""

import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests
from pydicom import dcmread
from pydicom.dataset import Dataset

from consult.people.machines.model import Right
from tests.makers.machines import add_machine
from tests.makers.world import CODES
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

BOUNDARY = "tear-here"
JSON = "application/dicom+json"


@dataclass
class Machine:
    """Something that speaks DICOMweb by hand."""

    base: str
    token: str

    def get(self, path: str, *, accept: str = JSON, **headers: str) -> requests.Response:
        """Ask for a resource below the root of the centre."""
        told = {"Authorization": f"Bearer {self.token}", "Accept": accept, **headers}
        return requests.get(f"{self.base}{path}", headers=told, timeout=60)

    def store(
        self, *files: bytes, path: str = "/studies", kind: str = "application/dicom"
    ) -> requests.Response:
        """Store files of one kind."""
        return self.send([({"Content-Type": kind}, each) for each in files], path=path, kind=kind)

    def send(
        self,
        parts: list[tuple[Mapping[str, str], bytes]],
        *,
        path: str = "/studies",
        kind: str = "application/dicom",
    ) -> requests.Response:
        """Store parts with headers of their own."""
        body = b"".join(
            b"--tear-here\r\n"
            + b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items())
            + b"\r\n"
            + data
            + b"\r\n"
            for headers, data in parts
        )
        return requests.post(
            f"{self.base}{path}",
            data=body + b"--tear-here--\r\n",
            headers={
                "Authorization": f"Bearer {self.token}",
                "Accept": JSON,
                "Content-Type": f'multipart/related; type="{kind}"; boundary={BOUNDARY}',
            },
            timeout=60,
        )


def open_machine(house: WorldHouse, *rights: Right, side: Side = Side.HOME) -> Machine:
    """A machine of this side, at the root of the centre."""
    return Machine(
        f"{house.base}/dicomweb/{CODES[Side.HOME]}", add_machine(house, *rights, side=side)
    )


def make_sample(real_files: Path) -> Dataset:
    """A new object: a small real CT under identifiers of its own."""
    found = dcmread(real_files / "dicom" / "implicit-vr-le" / "CTImage.dcm")
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(found, keyword, f"2.25.{secrets.randbits(100)}")
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    found.SpecificCharacterSet = "ISO_IR 192"
    found.PatientName = "Wang^XiaoDong=王^小东"
    found.PatientID = f"N{secrets.randbits(40)}"
    found.StudyDate, found.StudyTime = "20260415", "101530"
    found.AccessionNumber = f"A{secrets.randbits(32)}"
    return found


def written(dataset: Dataset) -> bytes:
    """Its file."""
    made = io.BytesIO()
    dataset.save_as(made, enforce_file_format=True)
    return made.getvalue()


def place_of(dataset: Dataset) -> str:
    """Its address below the root."""
    return (
        f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )


def failures(answer: requests.Response) -> list[int]:
    """The numbers of what was not stored."""
    told = answer.json()
    items = [
        item for tag in ("00081198", "0008119A") for item in told.get(tag, {}).get("Value", [])
    ]
    return [item["00081197"]["Value"][0] for item in items]
