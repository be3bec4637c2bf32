"""The jobs of DICOMweb: metadata, frames and bulk data out, data sets in."""

import os
import zlib
from collections.abc import Sequence
from typing import Any, Final

from imaging.assemble import assemble, read_set, split_sets
from imaging.bulk import bulk_value, frames, is_native, native_pixels
from imaging.descriptor import write_all
from imaging.document import read_document
from imaging.errors import NoPicture, PictureError, Refusal, RefusedError
from imaging.header import number, read_attributes
from imaging.jail.facts import plain
from imaging.jail.inspect_dicom import inspect_dicom
from imaging.jail.opened import Opened, open_object
from imaging.jail.params import Params, refused
from imaging.layout import places_of, stream_of
from imaging.lenient import leniently
from imaging.metadata import searched, to_json, written
from imaging.places import Place
from imaging.sniff import SNIFF_BYTES, Kind, sniff
from imaging.survey import survey
from imaging.transcode import make_implicit, transcode
from imaging.video import CODINGS, HEAD_BYTES, UNKNOWN, container_of

MOST_FRAMES: Final = 1000
MOST_BYTES: Final = 256 << 20
"""No answer of frames or of a value is longer: it lies in memory until it has gone out."""
_PACKED_LEVEL: Final = 6
_ENCAPSULATED: Final = "00420011"
MOST_SETS: Final = 1000
_LONGEST_SETS: Final = 1 << 28


def receive(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Say whether a DICOM file is taken and what it is: `inspect` and `metadata` in one."""
    if sniff(os.pread(inputs[0], SNIFF_BYTES, 0)) is not Kind.DICOM:
        raise RefusedError(Refusal.NO_DICOM_PREFIX)
    return receive_opened(params, open_object(inputs[0]), outputs)


def receive_opened(params: Params, opened: Opened, outputs: list[int]) -> dict[str, Any]:
    """Do the same for an object that was opened already."""
    told = params.choice("no_picture", frozenset(NoPicture))
    with leniently():
        answer = inspect_dicom(
            opened,
            filename="",
            outputs=(outputs[0], outputs[1]),
            no_picture=None if told is None else NoPicture(told),
        )
        return answer | describe(opened, outputs[2])


def metadata(_params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write all attributes as packed DICOM JSON; answer those that searches use."""
    return describe(open_object(inputs[0]), outputs[0])


def describe(opened: Opened, output: int) -> dict[str, Any]:
    """Do the same for an object that was opened already."""
    told = to_json(read_attributes(opened.descriptor, opened.found), opened.found)
    write_all(output, zlib.compress(written(told), _PACKED_LEVEL))
    places = places_of(opened.descriptor, opened.found, opened.header)
    return {"index": searched(told), "places": None if places is None else places.to_text()}


def take_frames(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write frames one behind the other; answer their lengths."""
    numbers = _numbers(params.text("frames"))
    found = survey(inputs[0])
    decoded = params.choice("as", frozenset({"stored", "decoded"})) != "stored"
    lengths, at = [], 0
    try:
        for frame in frames(inputs[0], found, numbers, decoded=decoded):
            if at + len(frame) > MOST_BYTES:
                raise RefusedError(Refusal.TOO_LARGE)
            lengths.append(len(frame))
            at = _append(outputs[0], frame, at)
    except PictureError as error:
        raise RefusedError(Refusal.NO_PICTURE, {"no_picture": error.reason.value}) from error
    return {"lengths": lengths}


def take_bulk(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write one long value; native pixels are one whole value of all their frames."""
    found, path = survey(inputs[0]), params.text("path")
    if is_native(found, path):
        pieces = native_pixels(inputs[0], found)
    else:
        pieces = iter([bulk_value(inputs[0], found, path)])
    at = 0
    for piece in pieces:
        if at + len(piece) > MOST_BYTES:
            raise RefusedError(Refusal.TOO_LARGE)
        at = _append(outputs[0], piece, at)
    return {}


def tell_stream(_params: Params, inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """Answer where the stream of a video lies; no place where the object holds none."""
    found = survey(inputs[0])
    is_video = found.transfer_syntax_uid in CODINGS and found.pixels is not None
    return {"stream": stream_of(inputs[0], found) if is_video else []}


def tell_document(_params: Params, inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """Answer what an object without a picture says."""
    told = read_document(inputs[0], survey(inputs[0]))
    return plain(told) | {"lines": [[each.depth, each.name, each.says] for each in told.lines]}


def take_document(_params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write the file that an object encapsulates (PS3.3 C.24.2), without its padding.

    Of a video that is its stream, as it stands.
    """
    found = survey(inputs[0])
    if found.transfer_syntax_uid in CODINGS:
        return _take_stream(inputs[0], stream_of(inputs[0], found), outputs[0])
    inside = bulk_value(inputs[0], found, _ENCAPSULATED)
    length = number(read_attributes(inputs[0], found), "EncapsulatedDocumentLength")
    if length is not None and length == len(inside) - 1:
        inside = inside[:-1]
    write_all(outputs[0], inside)
    is_pdf = inside.startswith(b"%PDF-")
    return {"media_type": "application/pdf" if is_pdf else UNKNOWN}


def _take_stream(descriptor: int, stream: Sequence[Place], output: int) -> dict[str, Any]:
    """Write the pieces of a stream one behind the other."""
    if not stream or sum(length for _, length in stream) > MOST_BYTES:
        raise RefusedError(Refusal.TOO_LARGE)
    kind = container_of(os.pread(descriptor, HEAD_BYTES, stream[0][0]))
    at = 0
    for start, length in stream:
        at = _append(output, os.pread(descriptor, length, start), at)
    return {"media_type": kind}


def to_explicit(_params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write the object in Explicit VR Little Endian."""
    try:
        transcode(inputs[0], survey(inputs[0]), output=outputs[0])
    except PictureError as error:
        raise RefusedError(Refusal.NO_PICTURE, {"no_picture": error.reason.value}) from error
    return {}


def to_implicit(_params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write an object without coded pixels in Implicit VR Little Endian."""
    try:
        make_implicit(inputs[0], output=outputs[0])
    except PictureError as error:
        raise RefusedError(Refusal.NO_PICTURE, {"no_picture": error.reason.value}) from error
    return {}


def split(_params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write the data sets of a DICOM JSON text one behind the other; answer their lengths."""
    found = split_sets(inputs[0])
    if len(found) > MOST_SETS:
        raise RefusedError(Refusal.TOO_LARGE)
    at = 0
    for each in found:
        at = _append(outputs[0], each, at)
    return {"lengths": [len(each) for each in found]}


def put_together(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write one data set of those that were told apart, with its bulk data, as a file."""
    start = params.whole("start", default=0, least=0, most=_LONGEST_SETS)
    length = params.whole("length", default=0, least=0, most=_LONGEST_SETS)
    told = read_set(inputs[0], start=start, length=length)
    assemble(told, inputs[1], params.mapping("bulk"), output=outputs[0])
    return {}


def _numbers(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) > MOST_FRAMES or not all(part.isascii() and part.isdecimal() for part in parts):
        raise refused("frames")
    numbers = [int(part) for part in parts]
    if len(set(numbers)) < len(numbers):
        raise refused("frames")
    if min(numbers) < 1:
        raise RefusedError(Refusal.NO_SUCH_FRAME)
    return numbers


def _append(descriptor: int, data: bytes, at: int) -> int:
    view = memoryview(data)
    while view:
        done = os.pwrite(descriptor, view, at)
        view, at = view[done:], at + done
    return at
