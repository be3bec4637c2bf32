"""Which files a DICOMDIR names (PS3.3 annex F, PS3.10 8); runs in the jail.

A File ID is only ever compared with names or looked for below the directory's own folder: one that
could lead elsewhere is told apart here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from imaging.errors import MalformedUidError, Refusal, RefusedError
from imaging.header import MEDIA_STORAGE_DIRECTORY, read_attributes, text, value
from imaging.survey import survey
from imaging.uid import parse_received_uid

MOST_REFERENCES: Final = 16_384

_META_SOP_CLASS: Final = 0x00020002
_RECORDS: Final[list[BaseTag | int]] = [Tag("SpecificCharacterSet"), Tag("DirectoryRecordSequence")]
_INACTIVE: Final = "0"
_MOST_COMPONENTS: Final = 8
_LONGEST_SHOWN: Final = 120
# Wider than PS3.10 8.5, since devices write lower case, dots and hyphens; never a way upwards.
_COMPONENT: Final = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z_.-]{0,63}")
_UNPRINTABLE: Final = re.compile(r"[^ -~]")


@dataclass(frozen=True, slots=True)
class Reference:
    """One file that the directory names; `uid` is empty where it does not say whose it is."""

    file: str
    uid: str
    is_safe: bool


def read_references(descriptor: int) -> tuple[Reference, ...]:
    """Return the files that the active records name, each once.

    Raises RefusedError: no directory, damaged, or more names than are followed.
    """
    found = survey(descriptor)
    if found.meta.text(_META_SOP_CLASS) != MEDIA_STORAGE_DIRECTORY:
        raise RefusedError(Refusal.MALFORMED)
    header = read_attributes(descriptor, found, tags=_RECORDS)
    references = dict.fromkeys(_references(value(header, "DirectoryRecordSequence") or []))
    if len(references) > MOST_REFERENCES:
        raise RefusedError(Refusal.TOO_MANY_ELEMENTS)
    return tuple(references)


def _references(records: list[Dataset]) -> Iterator[Reference]:
    for record in records:
        joined = text(record, "ReferencedFileID")
        if joined is None or text(record, "RecordInUseFlag") == _INACTIVE:
            continue
        components = joined.split("\\")
        is_safe = len(components) <= _MOST_COMPONENTS and all(
            _COMPONENT.fullmatch(each) for each in components
        )
        shown = _UNPRINTABLE.sub("?", "/".join(components))[:_LONGEST_SHOWN]
        yield Reference(shown, _uid(record), is_safe)


def _uid(record: Dataset) -> str:
    try:
        return parse_received_uid(text(record, "ReferencedSOPInstanceUIDInFile") or "")
    except MalformedUidError:
        return ""
