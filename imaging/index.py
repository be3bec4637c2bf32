"""Which attributes searches match and tell at each level (PS3.18 10.6.1, tables 10.6.1-3 to -5).

The tables stand here once: the jail takes these attributes out of an object, and whoever keeps an
index of objects names its columns by their keywords.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

STUDY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "StudyDate": "00080020",
        "StudyTime": "00080030",
        "AccessionNumber": "00080050",
        "ReferringPhysicianName": "00080090",
        "TimezoneOffsetFromUTC": "00080201",
        "StudyDescription": "00081030",
        "PatientName": "00100010",
        "PatientID": "00100020",
        "PatientBirthDate": "00100030",
        "PatientSex": "00100040",
        "StudyInstanceUID": "0020000D",
        "StudyID": "00200010",
    }
)
SERIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Modality": "00080060",
        "SeriesDescription": "0008103E",
        "BodyPartExamined": "00180015",
        "Laterality": "00200060",
        "SeriesInstanceUID": "0020000E",
        "SeriesNumber": "00200011",
        "PerformedProcedureStepStartDate": "00400244",
        "PerformedProcedureStepStartTime": "00400245",
        "RequestAttributesSequence": "00400275",
    }
)
INSTANCE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SOPClassUID": "00080016",
        "SOPInstanceUID": "00080018",
        "InstanceNumber": "00200013",
        "ImageLaterality": "00200062",
        "NumberOfFrames": "00280008",
        "Rows": "00280010",
        "Columns": "00280011",
        "BitsAllocated": "00280100",
    }
)
COUNTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "InstanceAvailability": "00080056",
        "ModalitiesInStudy": "00080061",
        "RetrieveURL": "00081190",
        "NumberOfStudyRelatedSeries": "00201206",
        "NumberOfStudyRelatedInstances": "00201208",
        "NumberOfSeriesRelatedInstances": "00201209",
    }
)
"""What no object says: whoever keeps the index knows it."""

REQUESTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "RequestAttributesSequence.ScheduledProcedureStepID": "00400009",
        "RequestAttributesSequence.RequestedProcedureID": "00401001",
    }
)
"""What is matched within an item of the sequence, by the names that a search gives it."""

TAGS: Final[Mapping[str, str]] = MappingProxyType({**STUDY, **SERIES, **INSTANCE, **COUNTED})
