"""DICOMDIRs with the records that a test wants, hostile ones included."""

import io
from collections.abc import Sequence

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from imaging.lenient import leniently

Named = tuple[Sequence[str], str]
"""The components of a File ID, and the SOP Instance UID that it stands for."""


def make_directory(*named: Named) -> bytes:
    """A DICOMDIR that names these files."""
    made = Dataset()
    made.FileSetID = "TEST"
    with leniently():
        made.DirectoryRecordSequence = [_record(file, uid) for file, uid in named]
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    made.file_meta.MediaStorageSOPInstanceUID = "2.25.4711"
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    coded = io.BytesIO()
    with leniently():
        made.save_as(coded, enforce_file_format=True)
    return coded.getvalue()


def _record(file: Sequence[str], uid: str) -> Dataset:
    record = Dataset()
    record.RecordInUseFlag = 0xFFFF
    record.DirectoryRecordType = "IMAGE"
    record.ReferencedFileID = list(file)
    record.ReferencedSOPInstanceUIDInFile = uid
    return record
