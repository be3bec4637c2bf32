"""One small object of each class that an eye clinic stores (DOMAIN.md C9)."""

import io
import secrets
from collections.abc import Mapping

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from imaging.lenient import leniently

ROOT = "1.2.840.10008.5.1.4.1.1."
IMAGES: Mapping[str, tuple[str, int, int]] = {
    "77.1.5.1": ("OP", 8, 1),
    "77.1.5.2": ("OP", 16, 1),
    "77.1.5.4": ("OPT", 8, 3),
    "77.1.5.5": ("OP", 8, 1),
    "77.1.5.6": ("OP", 16, 1),
    "77.1.5.7": ("OPTENF", 8, 1),
    "77.1.5.8": ("OPTBSV", 16, 2),
    "81.1": ("OPM", 16, 1),
    "77.1.4": ("XC", 8, 1),
    "7": ("OT", 8, 1),
}
"""Below the root: modality, bits and frames of what has a picture."""
TEXTS: Mapping[str, tuple[str, str]] = {
    "78.2": ("AR", "-2.25"),
    "78.5": ("VA", "0.8"),
    "78.7": ("OAM", "23.45"),
    "80.1": ("OPV", "24-2"),
    "11.1": ("PR", "drusen <b>here</b>"),
    "11.2": ("PR", "drusen <b>here</b>"),
    "88.59": ("KO", "Of Interest"),
    "88.22": ("SR", "<script>alert(1)</script>"),
    "88.33": ("SR", "<script>alert(1)</script>"),
    "88.34": ("SR", "<script>alert(1)</script>"),
}
"""Modality, and words that must be read on the page of what has none."""
PDF = b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"
HTML = b"<html><script>alert(document.cookie)</script></html>"
ENCAPSULATED = "104.1"


def make_object(tail: str, *, study: str, inside: bytes = PDF) -> bytes:
    """The file of one object of this class, in this study."""
    made = _common(tail, study)
    if tail in IMAGES:
        _set_image(made, *IMAGES[tail])
    elif tail == ENCAPSULATED:
        made.Modality = "DOC"
        made.DocumentTitle = "OCT report"
        made.MIMETypeOfEncapsulatedDocument = "application/pdf"
        made.EncapsulatedDocument = inside + bytes(len(inside) % 2)
        made.EncapsulatedDocumentLength = len(inside)
    else:
        _set_words(made, tail)
    coded = io.BytesIO()
    with leniently():
        made.save_as(coded, enforce_file_format=True)
    return coded.getvalue()


def _common(tail: str, study: str) -> Dataset:
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID = UID(ROOT + tail)
    made.SOPInstanceUID = f"2.25.{secrets.randbits(100)}"
    made.StudyInstanceUID, made.SeriesInstanceUID = study, f"{study}.{tail}"
    made.PatientName, made.PatientID = "Zhou^SuQin", "P-1"
    made.StudyDate, made.StudyTime = "20260415", "101530"
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def _set_image(made: Dataset, modality: str, bits: int, frames: int) -> None:
    made.Modality, made.ImageLaterality = modality, "R"
    made.Rows = made.Columns = 16
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = bits
    made.HighBit, made.PixelRepresentation = bits - 1, 0
    if frames > 1:
        made.NumberOfFrames = frames
    kind = np.uint8 if bits == 8 else np.uint16
    made.PixelData = np.arange(256 * frames).astype(kind).tobytes()


def _set_words(made: Dataset, tail: str) -> None:
    made.Modality, words = TEXTS[tail]
    if tail.startswith("88."):
        made.ConceptNameCodeSequence = [_code("Report")]
        item = Dataset()
        item.ValueType, item.TextValue = "TEXT", words
        item.ConceptNameCodeSequence = [_code("Finding")]
        made.ContentSequence = [item]
    elif tail.startswith("11."):
        shown, graphic = Dataset(), Dataset()
        shown.UnformattedTextValue = words
        graphic.TextObjectSequence = [shown]
        made.GraphicAnnotationSequence = [graphic]
    else:
        _set_measurement(made, tail, words)


def _set_measurement(made: Dataset, tail: str, words: str) -> None:
    measured = Dataset()
    if tail == "78.2":
        measured.SpherePower = float(words)
        made.AutorefractionRightEyeSequence = [measured]
    elif tail == "78.5":
        measured.DecimalVisualAcuity = float(words)
        made.VisualAcuityRightEyeSequence = [measured]
    elif tail == "78.7":
        measured.OphthalmicAxialLength = float(words)
        made.OphthalmicAxialMeasurementsRightEyeSequence = [measured]
    else:
        measured.CodeValue, measured.CodeMeaning = "1", words
        made.PerformedProtocolCodeSequence = [measured]


def _code(meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "1", "99TEST", meaning
    return code
