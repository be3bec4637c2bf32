"""The jobs that a child of the jail knows, by name; each gets parameters and descriptors."""

import contextlib
import os
from typing import Any, Final

from imaging.agreement import compare_decoders
from imaging.archive import extract_entry, list_entries
from imaging.descriptor import size_of, write_all
from imaging.directory import read_references
from imaging.errors import MalformedUidError, NoPicture, PictureError, Refusal, RefusedError
from imaging.fundus.relabel import Relabelling, relabel
from imaging.fundus.wrap import wrap
from imaging.fundus.wrapping import Person, Wrapping
from imaging.jail import dicomweb
from imaging.jail.facts import plain
from imaging.jail.inspect_dicom import inspect_dicom
from imaging.jail.inspect_photograph import inspect_photograph
from imaging.jail.job import MANY, Registry
from imaging.jail.measure import measure
from imaging.jail.opened import open_object
from imaging.jail.params import Params, refused
from imaging.jail.registering import register_photographs
from imaging.jail.render import render
from imaging.jail.report_object import make_report_object
from imaging.jail.together import receive_many
from imaging.photograph import LARGEST_FILE_BYTES, read_photograph
from imaging.sniff import SNIFF_BYTES, Kind, sniff
from imaging.survey import survey
from imaging.tiff import MOST_PAGES, one_page
from imaging.uid import parse_uid
from imaging.workbook import LARGEST_WORKBOOK_BYTES, read_first_sheet, text_of

_EYES: Final = frozenset({"R", "L"})
_PHOTOGRAPHS: Final = frozenset({Kind.JPEG, Kind.PNG, Kind.TIFF})
_REFUSED_KINDS: Final = {
    Kind.EMPTY: Refusal.EMPTY_FILE,
    Kind.DICOM_WITHOUT_PREFIX: Refusal.NO_DICOM_PREFIX,
    Kind.DICOM_WITHOUT_META: Refusal.NO_FILE_META,
    Kind.GZIP: Refusal.GZIP_NOT_TAKEN,
    Kind.ZIP: Refusal.IS_ARCHIVE,
    Kind.UNKNOWN: Refusal.NOT_AN_IMAGE,
}
_UID_PARAMS: Final = (
    ("SOPInstanceUID", "sop_instance_uid"),
    ("StudyInstanceUID", "study_instance_uid"),
    ("SeriesInstanceUID", "series_instance_uid"),
)


def inspect(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Say whether a received file is taken, and what it is; write preview and thumbnail."""
    return _inspect(params, inputs[0], outputs)


def take(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Do the same for a file that will be kept: a DICOM object is described at once.

    One that kept a decoder too long, or that cannot be described, is kept all the same.
    """
    return _inspect(params, inputs[0], outputs[:2], described=outputs[2])


def _inspect(
    params: Params, given: int, outputs: list[int], *, described: int | None = None
) -> dict[str, Any]:
    kind = sniff(os.pread(given, SNIFF_BYTES, 0))
    if kind in _REFUSED_KINDS:
        raise RefusedError(_REFUSED_KINDS[kind])
    filename = params.text("filename", default="")
    small = (outputs[0], outputs[1])
    told = params.choice("no_picture", frozenset(NoPicture))
    no_picture = None if told is None else NoPicture(told)
    if kind is not Kind.DICOM:
        if no_picture is not None:
            raise RefusedError(Refusal.DAMAGED_PICTURE)
        return inspect_photograph(given, kind=kind, filename=filename, outputs=small)
    opened = open_object(given)
    answer = inspect_dicom(opened, filename=filename, outputs=small, no_picture=no_picture)
    if described is not None and no_picture is None:
        with contextlib.suppress(RefusedError, RecursionError, MemoryError):
            answer |= dicomweb.describe(opened, described)
    return answer


def wrap_photograph(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Wrap a JPEG, PNG or TIFF as an Ophthalmic or VL Photographic instance."""
    kind = sniff(os.pread(inputs[0], SNIFF_BYTES, 0))
    if kind not in _PHOTOGRAPHS:
        raise RefusedError(Refusal.NOT_AN_IMAGE)
    photograph = read_photograph(inputs[0], kind=kind)
    done = wrap(photograph, _wrapping(params), output=outputs[0])
    return {
        "sop_class_uid": done.sop_class_uid,
        "transfer_syntax_uid": done.transfer_syntax_uid,
        "photometric": done.photometric,
        "removed": list(done.removed),
        "removed_bytes": done.removed_bytes,
        "coded_bytes": done.coded_bytes,
        "is_lossy": done.is_lossy,
        "rows": photograph.rows,
        "columns": photograph.columns,
        "samples_per_pixel": photograph.samples,
        "kept_icc": photograph.icc is not None,
    }


def relabel_photograph(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Give our own wrapped photograph another eye, field, patient or identity."""
    uids = [(keyword, _uid(params, name)) for keyword, name in _UID_PARAMS if params.has(name)]
    relabelling = Relabelling(
        laterality=params.choice("laterality", _EYES),
        field=params.optional_text("field"),
        person=_person(params) if params.has("patient_name") else None,
        accession_number=params.optional_text("accession_number"),
        uids=tuple(uids),
    )
    relabel(inputs[0], relabelling, output=outputs[0])
    return {"laterality": relabelling.laterality, "field": relabelling.field}


def list_archive(_params: Params, inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """List the files of a ZIP."""
    return {"entries": [plain(entry) for entry in list_entries(inputs[0])]}


def extract_from_archive(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Take one file out of a ZIP."""
    index = params.whole("index", default=-1, least=0, most=1 << 20)
    return plain(extract_entry(inputs[0], index, output=outputs[0]))


def take_page(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write a TIFF of many pages with one of them alone."""
    if sniff(os.pread(inputs[0], SNIFF_BYTES, 0)) is not Kind.TIFF:
        raise RefusedError(Refusal.NOT_AN_IMAGE)
    if size_of(inputs[0]) > LARGEST_FILE_BYTES:
        raise RefusedError(Refusal.TOO_LARGE)
    index = params.whole("index", default=-1, least=0, most=MOST_PAGES)
    write_all(outputs[0], one_page(os.pread(inputs[0], LARGEST_FILE_BYTES, 0), index))
    return {}


def list_directory(_params: Params, inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """List the files that a DICOMDIR names."""
    return {"references": [plain(each) for each in read_references(inputs[0])]}


def read_workbook(_params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write the first sheet of a workbook as text: a list of patients."""
    if size_of(inputs[0]) > LARGEST_WORKBOOK_BYTES:
        raise RefusedError(Refusal.TOO_LARGE)
    write_all(outputs[0], text_of(read_first_sheet(inputs[0])).encode())
    return {}


def compare(_params: Params, inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """Say whether two decoders read the same."""
    try:
        return {"agreement": compare_decoders(inputs[0], survey(inputs[0])).value}
    except PictureError as error:
        raise RefusedError(Refusal.NO_PICTURE, {"no_picture": error.reason.value}) from error


def ping(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """Answer; the child adds which layers it stands behind."""
    return {}


def _wrapping(params: Params) -> Wrapping:
    return Wrapping(
        person=_person(params),
        sop_instance_uid=_uid(params, "sop_instance_uid"),
        study_instance_uid=_uid(params, "study_instance_uid"),
        series_instance_uid=_uid(params, "series_instance_uid"),
        captured_at=params.optional_moment("captured_at"),
        captured_source=params.optional_text("captured_source"),
        offset=params.optional_text("offset"),
        laterality=params.choice("laterality", _EYES),
        field=params.optional_text("field"),
        accession_number=params.text("accession_number", default=""),
        institution_name=params.text("institution_name", default=""),
        device=params.text("device", default=""),
        is_fundus=not params.has("is_other"),
        instance_number=params.whole("instance_number", default=1, least=0, most=1 << 31),
    )


def _person(params: Params) -> Person:
    return Person(
        params.text("patient_name"),
        params.text("patient_id"),
        params.optional_text("birth_date"),
        params.optional_text("sex"),
    )


def _uid(params: Params, name: str) -> str:
    try:
        return parse_uid(params.text(name))
    except MalformedUidError as error:
        raise refused(name) from error


REGISTRY: Final[Registry] = {
    "ping": (0, 0, ping),
    "inspect": (1, 2, inspect),
    "take": (1, 3, take),
    "wrap": (1, 1, wrap_photograph),
    "relabel": (1, 1, relabel_photograph),
    "render": (1, 1, render),
    "measure": (1, 0, measure),
    "register": (2, 0, register_photographs),
    "zip_list": (1, 0, list_archive),
    "zip_extract": (1, 1, extract_from_archive),
    "tiff_page": (1, 1, take_page),
    "directory": (1, 0, list_directory),
    "workbook": (1, 1, read_workbook),
    "compare": (1, 0, compare),
    "receive": (1, 3, dicomweb.receive),
    "receive_many": (MANY, MANY, receive_many),
    "metadata": (1, 1, dicomweb.metadata),
    "frames": (1, 1, dicomweb.take_frames),
    "bulk": (1, 1, dicomweb.take_bulk),
    "stream": (1, 0, dicomweb.tell_stream),
    "document": (1, 0, dicomweb.tell_document),
    "document_file": (1, 1, dicomweb.take_document),
    "transcode": (1, 1, dicomweb.to_explicit),
    "implicit": (1, 1, dicomweb.to_implicit),
    "split_sets": (1, 1, dicomweb.split),
    "assemble": (2, 1, dicomweb.put_together),
    "report_object": (2, 1, make_report_object),
}
