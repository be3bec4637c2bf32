"""The attributes of a wrapped photograph; pixels come after.

Ophthalmic Photography 8 Bit and 16 Bit (PS3.3 A.41, A.42) for a picture of the fundus, VL
Photographic (A.32.4) for any other of 8 bits; what has 16 bits fits into the former alone.
"""

from collections.abc import Iterable
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    OphthalmicPhotography8BitImageStorage,
    OphthalmicPhotography16BitImageStorage,
    VLPhotographicImageStorage,
)

from imaging.filling import fill
from imaging.fundus.fields import (
    EXTERNAL,
    EXTERNAL_CAMERA,
    EYE,
    FUNDUS_CAMERA,
    RETINA,
    Code,
    position_code,
)
from imaging.fundus.picture_modules import set_frames, set_pixels
from imaging.fundus.wrapping import Person, Wrapping
from imaging.photograph import Photograph

MANUFACTURER: Final = "Lianzhen"
IMPLEMENTATION: Final = "2.25.199402218131254867042126013215410346881"
IMPLEMENTATION_VERSION: Final = "LIANZHEN"
RECORD_HEAD: Final = "Wrapped photograph"

_UTC_FRAME: Final = "1.2.840.10008.15.1.1"
_MODIFYING: Final = Code("109103", "DCM", "Modifying Equipment")
_LONGEST_STUDY_ID: Final = 16
_BYTE_BITS: Final = 8
_SEXES: Final = frozenset({"M", "F", "O"})


def coded(code: Code) -> Dataset:
    """Return a code sequence item (PS3.3 section 8)."""
    item = Dataset()
    fill(item, CodeValue=code.value, CodingSchemeDesignator=code.scheme, CodeMeaning=code.meaning)
    return item


def class_of(*, is_fundus: bool, bits: int) -> str:
    """Return the storage class of a photograph."""
    if bits > _BYTE_BITS:
        return str(OphthalmicPhotography16BitImageStorage)
    return str(OphthalmicPhotography8BitImageStorage if is_fundus else VLPhotographicImageStorage)


def make_meta(sop_instance_uid: str, *, sop_class: str, transfer_syntax: str) -> FileMetaDataset:
    """Return the file meta group (PS3.10 7.1)."""
    meta = FileMetaDataset()
    fill(
        meta,
        MediaStorageSOPClassUID=UID(sop_class),
        MediaStorageSOPInstanceUID=UID(sop_instance_uid),
        TransferSyntaxUID=UID(transfer_syntax),
        ImplementationClassUID=UID(IMPLEMENTATION),
        ImplementationVersionName=IMPLEMENTATION_VERSION,
    )
    return meta


def make_header(wrapping: Wrapping, photograph: Photograph) -> Dataset:
    """Return everything but the pixels and their coding."""
    sop_class = class_of(is_fundus=wrapping.is_fundus, bits=photograph.bits)
    made = Dataset()
    fill(made, SpecificCharacterSet="ISO_IR 192", SOPClassUID=UID(sop_class))
    set_person(made, wrapping.person)
    _set_study(made, wrapping)
    _set_equipment(made, wrapping)
    _set_times(made, wrapping)
    set_pixels(made, photograph)
    if sop_class == VLPhotographicImageStorage:
        _set_other(made)
    else:
        _set_clock(made)
        _set_acquisition(made)
        set_frames(made)
    set_eye(made, wrapping.laterality)
    set_field(made, wrapping.field)
    return made


def set_person(made: Dataset, person: Person) -> None:
    """Write the Patient module (PS3.3 C.7.1.1)."""
    fill(
        made,
        PatientName=person.name,
        PatientID=person.patient_id,
        PatientBirthDate=person.birth_date or "",
        PatientSex=person.sex if person.sex in _SEXES else "",
    )


def set_eye(made: Dataset, laterality: str | None) -> None:
    """Write Image Laterality, or leave it out while no person has confirmed the eye.

    Until then an ophthalmic object lacks an attribute of type 1 (PS3.3 C.8.17.5): a guessed eye
    would be worse. Laterality of the series is there and empty (type 2C, C.7.3.1).
    """
    for keyword in ("ImageLaterality", "Laterality"):
        made.pop(keyword, None)
    if laterality is None:
        fill(made, Laterality="")
    else:
        fill(made, ImageLaterality=laterality)


def set_field(made: Dataset, field: str | None) -> None:
    """Write region, position and device of a field (PS3.3 C.8.17.2, C.8.17.5)."""
    is_other = made.SOPClassUID == VLPhotographicImageStorage
    is_external = field == EXTERNAL or (field is None and is_other)
    fill(made, AnatomicRegionSequence=[coded(EYE if is_external else RETINA)])
    if not is_other:
        device = EXTERNAL_CAMERA if is_external else FUNDUS_CAMERA
        fill(made, AcquisitionDeviceTypeCodeSequence=[coded(device)])
    made.pop("RelativeImagePositionCodeSequence", None)
    if field is not None and not is_external:
        fill(made, RelativeImagePositionCodeSequence=[coded(position_code(field))])


def _set_study(made: Dataset, wrapping: Wrapping) -> None:
    fill(
        made,
        SOPInstanceUID=UID(wrapping.sop_instance_uid),
        StudyInstanceUID=UID(wrapping.study_instance_uid),
        SeriesInstanceUID=UID(wrapping.series_instance_uid),
        StudyID=wrapping.accession_number[:_LONGEST_STUDY_ID] or "1",
        AccessionNumber=wrapping.accession_number,
        ReferringPhysicianName="",
        InstitutionName=wrapping.institution_name,
        Modality="OP",
        SeriesNumber=1,
        InstanceNumber=wrapping.instance_number,
    )


def _set_clock(made: Dataset) -> None:
    # PS3.3 C.7.4.2: the time base is that of the acquisition clock, not synchronised.
    fill(
        made,
        SynchronizationFrameOfReferenceUID=_UTC_FRAME,
        SynchronizationTrigger="NO TRIGGER",
        AcquisitionTimeSynchronized="N",
    )


def _set_equipment(made: Dataset, wrapping: Wrapping) -> None:
    fill(
        made,
        Manufacturer="Unknown",
        ManufacturerModelName=wrapping.device or "Unknown",
        DeviceSerialNumber="Unknown",
        SoftwareVersions="Unknown",
    )


def _set_times(made: Dataset, wrapping: Wrapping) -> None:
    at = wrapping.captured_at
    on, clock = (at.strftime("%Y%m%d"), at.strftime("%H%M%S")) if at else ("", "")
    for keyword in ("StudyDate", "SeriesDate", "ContentDate"):
        setattr(made, keyword, on)
    for keyword in ("StudyTime", "SeriesTime", "ContentTime"):
        setattr(made, keyword, clock)
    offset = (wrapping.offset or "").replace(":", "")
    fill(made, AcquisitionDateTime=f"{on}{clock}{offset if on else ''}")
    if offset:
        fill(made, TimezoneOffsetFromUTC=offset)
    fill(made, AcquisitionNumber=1)


def _set_other(made: Dataset) -> None:
    """Write what a VL Photographic object has instead (PS3.3 A.32.4): nobody said how it lies."""
    fill(
        made,
        Modality="XC",
        SeriesNumber=2,
        PatientOrientation="",
        AcquisitionContextSequence=[],
    )


def _set_acquisition(made: Dataset) -> None:
    """Write what the camera did not say: present and empty (type 2, PS3.3 C.8.17.2)."""
    # The picture faces the examiner: its rows run to the patient's left, its columns to the feet.
    fill(made, PatientOrientation=["L", "F"])
    for keyword in (
        "PatientEyeMovementCommanded",
        "HorizontalFieldOfView",
        "EmmetropicMagnification",
        "IntraOcularPressure",
        "PupilDilated",
        "DetectorType",
    ):
        setattr(made, keyword, None)
    for keyword in (
        "RefractiveStateSequence",
        "IlluminationTypeCodeSequence",
        "LightPathFilterTypeStackCodeSequence",
        "ImagePathFilterTypeStackCodeSequence",
        "LensesCodeSequence",
    ):
        setattr(made, keyword, [])


def set_record(made: Dataset, *, removed: Iterable[str], captured_source: str | None) -> None:
    """Record our step in the object itself (PS3.3 C.12.1.1.5 contributing equipment)."""
    taken_out = ", ".join(removed) or "nothing"
    item = Dataset()
    fill(
        item,
        PurposeOfReferenceCodeSequence=[coded(_MODIFYING)],
        Manufacturer=MANUFACTURER,
        ContributionDescription=(
            f"{RECORD_HEAD}; removed: {taken_out}; capture time: {captured_source or 'unknown'}"
        ),
    )
    fill(made, ContributingEquipmentSequence=[item])
