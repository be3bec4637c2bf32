"""The real files from which mutants are made, and where the parts of each begin."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imaging.elements import BytesSource, DataSetWalk, Element, WalkLimits
from imaging.errors import RefusedError
from imaging.sniff import SNIFF_BYTES, Kind, sniff
from imaging.walk import TRANSFER_SYNTAX_UID, read_file_meta, syntax_of

LARGEST_BYTES: Final = 300_000
_WHOLE: Final = WalkLimits(elements_per_level=200_000, elements=400_000, depth=64)
_PACKED_OF: Final = 3
_NESTED: Final = 3


@dataclass(frozen=True, slots=True)
class Seedling:
    """A file to change: its name, its bytes, and where the parts of its structure begin."""

    name: str
    data: bytes
    elements: tuple[Element, ...] = ()


def read_corpus(folder: Path) -> list[Seedling]:
    """Every file of the folder that is small enough, archives of some, and archives in archives."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    light = [path for path in files if 0 < path.stat().st_size <= LARGEST_BYTES]
    found = [_seedling(str(path.relative_to(folder)), path.read_bytes()) for path in light]
    pictures = [each for each in found if each.data.startswith((b"\xff\xd8", b"\x89PNG"))]
    groups = [found[at : at + _PACKED_OF] for at in range(0, 30, _PACKED_OF)]
    archives = [_packed(number, each) for number, each in enumerate([pictures[:4], *groups])]
    small = sorted(archives, key=lambda each: len(each.data))[:_NESTED]
    nested = [
        _packed(len(archives) + number, [each, found[number]]) for number, each in enumerate(small)
    ]
    return [*found, *archives, *nested]


def _seedling(name: str, data: bytes) -> Seedling:
    elements: tuple[Element, ...] = ()
    if sniff(data[:SNIFF_BYTES]) is Kind.DICOM:
        elements = tuple(_elements(data))
    return Seedling(name, data, elements)


def _elements(data: bytes) -> Iterator[Element]:
    """As far as the structure holds; the meta group is found by bytes alone."""
    source = BytesSource(data)
    try:
        meta = read_file_meta(source)
        syntax = syntax_of(meta.text(TRANSFER_SYNTAX_UID) or "")
        yield from DataSetWalk(
            source,
            start=meta.data_set_at,
            syntax=syntax,
            limits=_WHOLE,
            is_sequence=lambda _: False,
        )
    except RefusedError:
        return


def _packed(number: int, files: Sequence[Seedling]) -> Seedling:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)[number % 2]) as to:
        for each in files:
            to.writestr(zipfile.ZipInfo(each.name), each.data)
    return Seedling(f"archive-{number}.zip", made.getvalue())
