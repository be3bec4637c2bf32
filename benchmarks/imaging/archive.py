"""Archives to search: many small studies, stored through the door or written by a program."""

import io
from collections.abc import Sequence
from functools import cache, partial
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from benchmarks.imaging.asking import share
from benchmarks.imaging.objects import CT
from benchmarks.imaging.pair import Server
from benchmarks.imaging.storing import body_of, store

SMALL_CLASS: Final = CT
_PLACE: Final = "8888888"
_EACH: Final = 20
_CONNECTIONS: Final = 4


def uid_of(number: int) -> str:
    """The Study Instance UID of one of them."""
    return f"2.25.5170.{number + 1_000_000}"


def number_of(number: int) -> str:
    """Its Patient ID."""
    return f"N{number + 1_000_000}"


def day_of(number: int) -> str:
    """Its Study Date."""
    return f"2023{1 + number % 12:02d}{1 + number % 28:02d}"


def name_of(number: int) -> str:
    """Its Patient's Name."""
    return f"Small^{number + 1_000_000}"


def accession_of(number: int) -> str:
    """Its Accession Number."""
    return f"A{number + 1_000_000}"


def small_study(number: int) -> bytes:
    """A study of one object without a picture."""
    digits = str(number + 1_000_000).encode()
    return _form().replace(_PLACE.encode(), digits).replace(b"20231231", day_of(number).encode())


@cache
def _form() -> bytes:
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = SMALL_CLASS
    made.StudyInstanceUID = f"2.25.5170.{_PLACE}"
    made.SeriesInstanceUID = f"{made.StudyInstanceUID}.1"
    made.SOPInstanceUID = f"{made.StudyInstanceUID}.1.1"
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.PatientName, made.PatientID = f"Small^{_PLACE}", f"N{_PLACE}"
    made.StudyDate, made.StudyTime, made.Modality = "20231231", "101500", "CT"
    made.AccessionNumber, made.StudyDescription = f"A{_PLACE}", "small"
    made.PatientBirthDate, made.PatientSex = "19500101", "F"
    made.StudyID, made.SeriesNumber, made.InstanceNumber = "1", 1, 1
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def store_all(server: Server, files: Sequence[bytes]) -> None:
    """Put files into one of the servers."""
    bodies = [body_of(files[start : start + _EACH]) for start in range(0, len(files), _EACH)]
    share(server, [partial(store, body) for body in bodies], connections=_CONNECTIONS)
