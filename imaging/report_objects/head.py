"""What all objects of a report share: patient and study as the pictures tell them, our series."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from imaging.filling import fill
from imaging.fundus.fields import Code
from imaging.fundus.objects import MANUFACTURER, make_meta
from imaging.lenient import FAULTS
from imaging.report_objects.model import Head, ObjectRef

OUR_SCHEME: Final = "99LIANZHEN"
_SCHEME_UID: Final = "2.25.277531084427316082925404318215417722316"
_LONGEST_VALUE: Final = 16
_LONGEST_MEANING: Final = 64
# PS3.3 C.7.1.1 and C.7.2.1: what must be there, if need be empty (type 2).
_REQUIRED: Final = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID"),
)
_COPIED: Final = (
    *("StudyInstanceUID", "StudyDescription", "TimezoneOffsetFromUTC", "IssuerOfPatientID"),
    *("PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence"),
    *("LongitudinalTemporalInformationModified", "ClinicalTrialSponsorName"),
)


def begin(head: Head, *, sop_class: str, modality: str) -> Dataset:
    """The modules that every object of ours has, ready for its own."""
    made = Dataset()
    at = datetime.fromisoformat(head.signed_at)
    on, clock = at.strftime("%Y%m%d"), at.strftime("%H%M%S")
    fill(made, SpecificCharacterSet="ISO_IR 192")
    for keyword in _REQUIRED:
        setattr(made, keyword, "")
    copy(made, head.picture, (*_REQUIRED, *_COPIED))
    fill(
        made,
        SOPClassUID=UID(sop_class),
        SOPInstanceUID=UID(head.sop_instance_uid),
        SeriesInstanceUID=UID(head.series_instance_uid),
        Modality=modality,
        SeriesNumber=head.series_number,
        SeriesDescription=head.description[:_LONGEST_MEANING],
        InstanceNumber=head.instance_number,
        InstanceCreationDate=on,
        InstanceCreationTime=clock,
        ContentDate=on,
        ContentTime=clock,
        Manufacturer=MANUFACTURER,
        InstitutionName=head.institution[:_LONGEST_MEANING],
        CodingSchemeIdentificationSequence=[_our_scheme()],
    )
    made.file_meta = make_meta(
        head.sop_instance_uid, sop_class=sop_class, transfer_syntax=str(ExplicitVRLittleEndian)
    )
    return made


def copy(made: Dataset, told: Mapping[str, Any], keywords: Sequence[str]) -> None:
    """Write these attributes as a header in the DICOM JSON model tells them."""
    for keyword in keywords:
        tag = f"{tag_for_keyword(keyword):08X}"
        element = told.get(tag)
        if not isinstance(element, dict) or not element.get("Value"):
            continue
        try:
            found = Dataset.from_json({tag: element})
            made[keyword] = DataElement(keyword, found[keyword].VR, found[keyword].value)
        except FAULTS:
            continue


def coded(code: Code) -> Dataset:
    """A code sequence item; a long code has its own attribute (PS3.3 8.1)."""
    item = Dataset()
    keyword = "CodeValue" if len(code.value) <= _LONGEST_VALUE else "LongCodeValue"
    setattr(item, keyword, code.value)
    fill(item, CodingSchemeDesignator=code.scheme, CodeMeaning=code.meaning[:_LONGEST_MEANING])
    return item


def referenced(ref: ObjectRef, *, with_frame: bool = False) -> Dataset:
    """A reference to an object (PS3.3 10.8), to one of its frames where it says which."""
    item = Dataset()
    fill(
        item,
        ReferencedSOPClassUID=UID(ref.sop_class_uid),
        ReferencedSOPInstanceUID=UID(ref.sop_instance_uid),
    )
    if with_frame and ref.frame is not None:
        fill(item, ReferencedFrameNumber=ref.frame)
    return item


def by_series(refs: Sequence[ObjectRef], *, sequence: str) -> list[Dataset]:
    """Each series once, with the objects that are referenced in it."""
    found: dict[str, dict[str, Dataset]] = {}
    for ref in refs:
        found.setdefault(ref.series_instance_uid, {})[ref.sop_instance_uid] = referenced(ref)
    items = []
    for series_uid, objects in found.items():
        item = Dataset()
        fill(item, SeriesInstanceUID=UID(series_uid), **{sequence: list(objects.values())})
        items.append(item)
    return items


def in_study(head: Dataset, refs: Sequence[ObjectRef]) -> list[Dataset]:
    """The references as a hierarchy of study and series (PS3.3 C.17.2.1)."""
    if not refs:
        return []
    item = Dataset()
    fill(
        item,
        StudyInstanceUID=head.StudyInstanceUID,
        ReferencedSeriesSequence=by_series(refs, sequence="ReferencedSOPSequence"),
    )
    return [item]


def _our_scheme() -> Dataset:
    item = Dataset()
    fill(
        item,
        CodingSchemeDesignator=OUR_SCHEME,
        CodingSchemeUID=UID(_SCHEME_UID),
        CodingSchemeName="Lianzhen",
        CodingSchemeResponsibleOrganization="Lianzhen",
    )
    return item
