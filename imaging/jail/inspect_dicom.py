"""The job `inspect` for a DICOM file: verdict, facts and the two small pictures."""

import os
from functools import partial
from typing import Any, Final

from PIL import Image
from pydicom.dataset import Dataset

from imaging.browser_jpeg import browser_jpeg
from imaging.capture import capture_from
from imaging.descriptor import write_all
from imaging.display import to_picture
from imaging.errors import NoPicture, PictureError, RefusedError
from imaging.frames import decode_frame, shape_of
from imaging.fundus.disc import Disc, find_disc
from imaging.fundus.fields import field_of_codes
from imaging.fundus.laterality import propose_eye, propose_field
from imaging.fundus.likeness import Likeness, likeness_of
from imaging.fundus.quality import measure
from imaging.header import Identity, number, text, value
from imaging.jail.facts import plain
from imaging.jail.opened import Opened
from imaging.photograph import to_image as photograph_to_image
from imaging.preview import PREVIEW_PX, preview_and_thumbnail, to_small_image
from imaging.survey import Survey
from imaging.video import CODINGS

_OPHTHALMIC: Final = frozenset({"OP", "OPV", "OPM", "OPT", "XC"})
_PREAMBLE: Final = 128
_LOSSY: Final = "01"


def inspect_dicom(
    opened: Opened, *, filename: str, outputs: tuple[int, int], no_picture: NoPicture | None
) -> dict[str, Any]:
    """Return verdict, reason and facts; write preview and thumbnail."""
    descriptor, found, header = opened.descriptor, opened.found, opened.header
    reason, image = no_picture, None
    if reason is None:
        try:
            image = first_picture(descriptor, found, header)
        except PictureError as error:
            reason = error.reason
    facts = _facts(found, header, opened.identity)
    facts["preamble_is_zero"] = not any(os.pread(descriptor, _PREAMBLE, 0))
    facts |= _proposals(header, filename, image)
    if image is not None:
        preview, thumbnail = preview_and_thumbnail(image)
        write_all(outputs[0], preview.data)
        write_all(outputs[1], thumbnail.data)
    return {
        "verdict": "accepted" if image is not None else "accepted-without-picture",
        "kind": "dicom",
        "reason": None if reason is None else reason.value,
        "facts": facts,
    }


def first_picture(descriptor: int, found: Survey, header: Dataset) -> Image.Image:
    """Decode and display the first frame, a large one no larger than previews need.

    Raises PictureError: there is no picture, and why.
    """
    if found.pixels is None:
        raise PictureError(NoPicture.NO_PIXEL_DATA)
    if found.transfer_syntax_uid in CODINGS:
        raise PictureError(NoPicture.VIDEO)
    try:
        coded = browser_jpeg(descriptor, found, header, shape_of(header))
        if coded is not None:
            return photograph_to_image(coded, at_least=(PREVIEW_PX, PREVIEW_PX))
        picture, _window = to_picture(decode_frame(descriptor, found, header), header)
        return to_small_image(picture)
    except (RefusedError, RecursionError) as error:
        raise PictureError(NoPicture.UNDECODABLE) from error
    except MemoryError as error:
        raise PictureError(NoPicture.PICTURE_TOO_LARGE) from error


def _facts(found: Survey, header: Dataset, identity: Identity) -> dict[str, Any]:
    capture = capture_from(partial(text, header))
    return {
        "sop_class_uid": identity.sop_class_uid,
        "sop_instance_uid": identity.sop_instance_uid,
        "study_instance_uid": identity.study_instance_uid,
        "series_instance_uid": identity.series_instance_uid,
        "derived_uids": list(identity.derived),
        "transfer_syntax_uid": found.transfer_syntax_uid,
        "modality": text(header, "Modality"),
        "rows": number(header, "Rows"),
        "columns": number(header, "Columns"),
        "frames": number(header, "NumberOfFrames") or 1,
        "samples_per_pixel": number(header, "SamplesPerPixel"),
        "photometric_interpretation": text(header, "PhotometricInterpretation"),
        "bits_allocated": number(header, "BitsAllocated"),
        "patient_name": text(header, "PatientName"),
        "patient_id": text(header, "PatientID"),
        "patient_birth_date": text(header, "PatientBirthDate"),
        "patient_sex": text(header, "PatientSex"),
        "captured_at": capture.at.isoformat() if capture.at else None,
        "captured_source": capture.source,
        "captured_offset": capture.offset,
        "study_date": text(header, "StudyDate"),
        "study_description": text(header, "StudyDescription"),
        "series_description": text(header, "SeriesDescription"),
        "accession_number": text(header, "AccessionNumber"),
        "institution_name": text(header, "InstitutionName"),
        "instance_number": number(header, "InstanceNumber"),
        "device": _device(header),
        "image_laterality": text(header, "ImageLaterality") or text(header, "Laterality"),
        "burned_in_annotation": text(header, "BurnedInAnnotation"),
        "lossy": text(header, "LossyImageCompression") == _LOSSY,
    }


def _device(header: Dataset) -> str | None:
    parts = [text(header, "Manufacturer"), text(header, "ManufacturerModelName")]
    return " ".join(part for part in parts if part) or None


def _proposals(header: Dataset, filename: str, image: Image.Image | None) -> dict[str, Any]:
    """Return proposals; the disc is looked for only in a picture that is a fundus photograph."""
    likeness = disc = quality = None
    if image is not None and text(header, "Modality") in _OPHTHALMIC:
        likeness = likeness_of(image)
        quality = quality_of(image, likeness)
        disc = find_disc(image) if may_seek_disc(likeness) else None
    tagged = field_of_codes(
        _code(header, "RelativeImagePositionCodeSequence"), _code(header, "AnatomicRegionSequence")
    )
    eyes = propose_eye(
        image_laterality=text(header, "ImageLaterality"),
        laterality=text(header, "Laterality"),
        filename=filename,
        disc=disc,
    )
    fields = propose_field(tagged=tagged, filename=filename, disc=disc)
    return {
        "laterality_proposals": [plain(proposal) for proposal in eyes],
        "field_proposals": [plain(proposal) for proposal in fields],
        "fundus": None if likeness is None else plain(likeness),
        "quality": quality,
        "disc_side": side_of(disc),
    }


def may_seek_disc(likeness: Likeness) -> bool:
    """Whether the picture shows so much of a fundus that a bright spot in it may be the disc."""
    return likeness.is_fundus and likeness.is_whole


def quality_of(image: Image.Image, likeness: Likeness) -> dict[str, Any] | None:
    """Return the measures of quality; only a fundus photograph has any."""
    return plain(measure(image)) if likeness.is_fundus else None


def side_of(disc: Disc | None) -> str | None:
    """Return the side on which the disc lies in the picture, or None."""
    return None if disc is None else disc.side


def _code(header: Dataset, keyword: str) -> str | None:
    items = value(header, keyword)
    return text(items[0], "CodeValue") if items else None
