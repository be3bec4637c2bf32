"""An object put together from DICOM JSON and bulk data (PS3.18 10.5.1.2.2); runs in the jail."""

import base64
import io
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian

from imaging.descriptor import write_all
from imaging.errors import Refusal, RefusedError
from imaging.filling import set_pixels
from imaging.fundus.objects import IMPLEMENTATION
from imaging.lenient import FAULTS, leniently

_LONGEST_JSON: Final = 16 << 20
_NUMBER_OF_FRAMES: Final = "00280008"
_META_GROUP: Final = "0002"
_DROPPED: Final = frozenset({"00083002"})

Places = Mapping[str, Any]
"""Where each value lies in the second file: its name, its pieces, and its transfer syntax."""


def split_sets(descriptor: int) -> list[bytes]:
    """Return each data set of the JSON as a text of its own.

    Raises RefusedError: it is no array of data sets.
    """
    return [json.dumps(each, separators=(",", ":")).encode() for each in _sets(descriptor)]


def assemble(told: dict[str, Any], bulk: int, places: Places, *, output: int) -> None:
    """Write a data set as a Part 10 file.

    Raises RefusedError: it cannot be put together, or names bulk data that did not come.
    """
    syntax = ExplicitVRLittleEndian

    def fetch(tag: str, _vr: str, uri: str) -> bytes:
        nonlocal syntax
        place = places[uri]
        pieces = [os.pread(bulk, int(length), int(start)) for start, length in place["pieces"]]
        if tag == "7FE00010" and place.get("syntax"):
            syntax = UID(place["syntax"])
            if syntax.is_compressed:
                _require_frames(told, len(pieces))
                return bytes(encapsulate(pieces))
        return b"".join(pieces)

    try:
        with leniently():
            plain = {tag: each for tag, each in told.items() if _is_kept(tag)}
            _require_coded(plain)
            dataset = Dataset.from_json(plain, fetch)
            _write(dataset, syntax, output)
    except (RecursionError, MemoryError) as error:
        raise RefusedError(Refusal.TOO_LARGE) from error
    except FAULTS as error:
        raise RefusedError(Refusal.MALFORMED) from error


def _require_coded(told: dict[str, Any]) -> None:
    """Values that stand in the text are base64 (PS3.18 F.2.7): nothing of one is left out.

    Raises ValueError.
    """
    for element in told.values():
        base64.b64decode("".join(element.get("InlineBinary", "").split()), validate=True)
        for item in element.get("Value") or ():
            if element.get("vr") == "SQ" and isinstance(item, dict):
                _require_coded(item)


def _require_frames(told: dict[str, Any], count: int) -> None:
    """Several parts are frames: as many as the object says that it has; raises ValueError."""
    declared = told.get(_NUMBER_OF_FRAMES, {}).get("Value") or [1]
    if count > 1 and int(declared[0]) != count:
        raise ValueError(_NUMBER_OF_FRAMES)


def _write(dataset: Dataset, syntax: UID, output: int) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = UID(IMPLEMENTATION)
    dataset.file_meta = meta
    dataset.SpecificCharacterSet = "ISO_IR 192"  # DICOM JSON is UTF-8 (PS3.18 F.2)
    if syntax.is_compressed and "PixelData" in dataset:
        set_pixels(dataset, dataset.PixelData, is_encapsulated=True)
    made = io.BytesIO()
    dataset.save_as(made, enforce_file_format=True)
    write_all(output, made.getbuffer())


def read_set(descriptor: int, *, start: int, length: int) -> dict[str, Any]:
    """Read one data set of those that `split_sets` told apart.

    Raises RefusedError: there is none.
    """
    try:
        found = json.loads(os.pread(descriptor, length, start))
    except (ValueError, RecursionError) as error:
        raise RefusedError(Refusal.MALFORMED) from error
    if not isinstance(found, dict):
        raise RefusedError(Refusal.MALFORMED)
    return found


def _sets(descriptor: int) -> list[dict[str, Any]]:
    size = os.fstat(descriptor).st_size
    if size > _LONGEST_JSON:
        raise RefusedError(Refusal.TOO_LARGE)
    try:
        found = json.loads(os.pread(descriptor, size, 0))
    except (ValueError, RecursionError) as error:
        raise RefusedError(Refusal.MALFORMED) from error
    sets = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in sets):
        raise RefusedError(Refusal.MALFORMED)
    return sets


def _is_kept(tag: str) -> bool:
    return not tag.startswith(_META_GROUP) and tag not in _DROPPED
