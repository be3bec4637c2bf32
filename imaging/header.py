"""The facts of a DICOM instance that the house keeps, by pydicom; runs in the jail."""

import hashlib
import io
import re
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag, Tag

from imaging.descriptor import open_positioned
from imaging.elements import PIXEL_TAGS
from imaging.errors import MalformedUidError, Refusal, RefusedError
from imaging.lenient import FAULTS, leniently
from imaging.survey import Survey
from imaging.uid import make_uid, parse_received_uid
from imaging.walk import syntax_of, text_of

BULK_VRS: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
MEDIA_STORAGE_DIRECTORY: Final = "1.2.840.10008.1.3.10"

_META_SOP_CLASS: Final = 0x00020002
_META_SOP_INSTANCE: Final = 0x00020003
_TEXT_CHARACTERS: Final = 256
_SHORT_TEXTS: Final = frozenset(
    {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UI"}
)
_LONGEST_SHORT_TEXT: Final = 1 << 16
_LONGEST_VALUE: Final = 1 << 20
_UUID_BYTES: Final = 16
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_KEYWORDS: Final = (
    "SpecificCharacterSet SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID "
    "Modality ImageType PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime "
    "SeriesDate SeriesTime AcquisitionDate AcquisitionTime AcquisitionDateTime ContentDate "
    "ContentTime StudyDescription SeriesDescription InstanceNumber SeriesNumber AccessionNumber "
    "InstitutionName Manufacturer ManufacturerModelName ImageLaterality Laterality "
    "AnatomicRegionSequence RelativeImagePositionCodeSequence BurnedInAnnotation "
    "LossyImageCompression NumberOfFrames SamplesPerPixel PhotometricInterpretation "
    "PlanarConfiguration Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation "
    "RescaleSlope RescaleIntercept WindowCenter WindowWidth VOILUTFunction ModalityLUTSequence "
    "VOILUTSequence RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor "
    "BluePaletteColorLookupTableDescriptor RedPaletteColorLookupTableData "
    "GreenPaletteColorLookupTableData BluePaletteColorLookupTableData "
    "SegmentedRedPaletteColorLookupTableData SegmentedGreenPaletteColorLookupTableData "
    "SegmentedBluePaletteColorLookupTableData ExtendedOffsetTable ExtendedOffsetTableLengths "
    "SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence ContributingEquipmentSequence"
)
_TAGS: Final[list[BaseTag | int]] = [Tag(keyword) for keyword in _KEYWORDS.split()]


@dataclass(frozen=True, slots=True)
class Identity:
    """Which object this is; `derived` names the UIDs that the file itself does not carry."""

    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    derived: tuple[str, ...] = ()


def read_header(descriptor: int, survey: Survey) -> Dataset:
    """Read the elements that the house uses, without the pixels.

    Raises RefusedError: pydicom cannot read it.
    """
    return read_attributes(descriptor, survey, tags=_TAGS)


def read_attributes(
    descriptor: int, survey: Survey, *, tags: list[BaseTag | int] | None = None
) -> Dataset:
    """Read every element before the pixels, or these alone.

    Raises RefusedError: pydicom cannot read it.
    """
    source: BinaryIO = open_positioned(descriptor)
    if survey.inflated is None:
        source.seek(survey.meta.data_set_at)
    else:
        source = io.BytesIO(survey.inflated)
    syntax = syntax_of(survey.transfer_syntax_uid)
    try:
        with leniently():
            return read_dataset(
                source,
                is_implicit_VR=syntax.implicit,
                is_little_endian=syntax.endian == "<",
                stop_when=_at_pixels,
                specific_tags=tags,
            )
    except RecursionError as error:
        raise RefusedError(Refusal.TOO_DEEP) from error
    except FAULTS as error:
        raise RefusedError(Refusal.MALFORMED) from error


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag in PIXEL_TAGS


def identity_of(survey: Survey, header: Dataset) -> Identity:
    """Return the UIDs that file the object.

    An object in the default transfer syntax whose data set carries no identity is taken by the
    identity in its file meta, with study and series UIDs derived from it; in any other syntax
    the data set must carry them (PS3.3 C.12.1).

    Raises RefusedError: a directory, or a UID is missing or malformed.
    """
    meta_class = survey.meta.text(_META_SOP_CLASS)
    if meta_class == MEDIA_STORAGE_DIRECTORY:
        raise RefusedError(Refusal.DIRECTORY)
    if "SOPClassUID" not in header and syntax_of(survey.transfer_syntax_uid).implicit:
        return _identity_from_meta(meta_class, survey.meta.text(_META_SOP_INSTANCE), header)
    sop_class, sop_instance = uid_text(header, "SOPClassUID"), uid_text(header, "SOPInstanceUID")
    if not (sop_class and sop_instance):
        raise RefusedError(Refusal.NO_SOP_CLASS)
    study, series = uid_text(header, "StudyInstanceUID"), uid_text(header, "SeriesInstanceUID")
    if not (study and series):
        raise RefusedError(Refusal.NO_STUDY_OR_SERIES_UID)
    return Identity(sop_class, sop_instance, study, series)


def _identity_from_meta(
    sop_class: str | None, sop_instance: str | None, header: Dataset
) -> Identity:
    if sop_class is None or sop_instance is None:
        raise RefusedError(Refusal.NO_SOP_CLASS)
    study = uid_text(header, "StudyInstanceUID") or _derived(f"study {sop_instance}")
    series = uid_text(header, "SeriesInstanceUID") or _derived(f"series {sop_instance}")
    return Identity(_checked(sop_class), _checked(sop_instance), study, series, ("study", "series"))


def _derived(seed: str) -> str:
    digest = hashlib.sha256(seed.encode()).digest()
    return make_uid(int.from_bytes(digest[:_UUID_BYTES], "big"))


def uid_text(header: Dataset, keyword: str) -> str:
    """Return a UID element as text, empty where there is none.

    Raises RefusedError: the text is no UID.
    """
    value = text(header, keyword)
    return _checked(value) if value else ""


def _checked(value: str) -> str:
    try:
        return parse_received_uid(value)
    except MalformedUidError as error:
        raise RefusedError(Refusal.MALFORMED_UID) from error


def value(header: Dataset, keyword: str) -> Any:
    """Return an element's value, or None where it is missing, empty, unreadable or endless."""
    try:
        with leniently():
            tag = Tag(keyword)
            if tag in header and is_endless(raw := header.get_item(tag), vr_of(raw, tag)):
                return None
            return header.get(keyword)
    except FAULTS:
        return None


def vr_of(element: DataElement | RawDataElement, tag: BaseTag) -> str:
    """Return the VR as written, else the dictionary's (PS3.6), else UN."""
    if element.VR:
        return str(element.VR)
    return dictionary_VR(tag).split(" ")[0] if dictionary_has_tag(tag) else "UN"


def is_endless(element: DataElement | RawDataElement, vr: str) -> bool:
    """Say whether a value is longer than any device writes, so that to parse it is no use.

    Explicit VR has two bytes for the length of short texts (PS3.5 7.1.2); implicit VR has four.
    """
    if not isinstance(element, RawDataElement) or vr == "SQ":
        return False
    most = _LONGEST_SHORT_TEXT if vr in _SHORT_TEXTS else _LONGEST_VALUE
    return element.length > most and vr not in BULK_VRS


def text(header: Dataset, keyword: str) -> str | None:
    """Return an element as one line of decoded text, or None."""
    found = value(header, keyword)
    if isinstance(found, bytes):
        return text_of(found)
    if found is None:
        return None
    with leniently():
        shown = found if isinstance(found, str) else _joined(found)
    safe = shown.encode("utf-8", "replace").decode("utf-8")
    return _UNPRINTABLE.sub("", safe).strip()[:_TEXT_CHARACTERS] or None


def _joined(found: Any) -> str:
    if isinstance(found, (list, tuple)) or type(found).__name__ == "MultiValue":
        return "\\".join(str(part) for part in found)
    return str(found)


def number(header: Dataset, keyword: str) -> int | None:
    """Return an element as a whole number, or None where it is missing or no number."""
    found = value(header, keyword)
    if found is None or isinstance(found, (bytes, list, tuple)):
        return None
    try:
        return int(found)
    except (ValueError, TypeError, OverflowError):
        return None
