"""The files below a folder, one by one, in an order that is the same each time."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from imaging.sniff import SNIFF_BYTES, Kind, sniff

_LITTER: Final = re.compile(r"\..*|Thumbs\.db|desktop\.ini|__MACOSX", re.IGNORECASE)
_DEEPEST: Final = 64
REASONS: Final = {
    Kind.EMPTY: "empty-file",
    Kind.JPEG: "photograph-needs-case",
    Kind.PNG: "photograph-needs-case",
    Kind.TIFF: "photograph-needs-case",
    Kind.ZIP: "zip-nested",
    Kind.GZIP: "gzip-not-taken",
    Kind.DICOM_WITHOUT_PREFIX: "no-dicom-prefix",
    Kind.DICOM_WITHOUT_META: "no-file-meta",
    Kind.UNKNOWN: "not-an-image",
}
"""What is no DICOM file is not sent at all."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file as it lay there; `name` is its path below the folder, as text that can be shown."""

    path: Path = field(repr=False)
    name: str = field(repr=False)
    size_bytes: int
    modified_ns: int


def walk(root: Path) -> Iterator[Candidate]:
    """Every regular file below the folder; links are not followed, litter is left out."""
    yield from _walk(root, root, 0)


def _walk(root: Path, folder: Path, depth: int) -> Iterator[Candidate]:
    try:
        names = sorted(each.name for each in folder.iterdir())
    except OSError:
        return
    for name in names:
        if _LITTER.fullmatch(name):
            continue
        path = folder / name
        try:
            found = path.lstat()
        except OSError:
            continue
        if stat.S_ISDIR(found.st_mode) and depth < _DEEPEST:
            yield from _walk(root, path, depth + 1)
        elif stat.S_ISREG(found.st_mode):
            yield Candidate(path, shown(root, path), found.st_size, found.st_mtime_ns)


def shown(root: Path, path: Path) -> str:
    """A path below the root; no spreadsheet takes it for a formula, and no line ends in it."""
    raw = os.fsencode(path.relative_to(root)).decode("utf-8", "backslashreplace")
    return "./" + shown_text(raw)


def shown_text(text: str) -> str:
    """A name in one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def open_file(path: Path) -> int:
    """A descriptor of the file itself; raises OSError, also for a link and where nothing is."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def is_archive(descriptor: int) -> bool:
    """Whether a file holds others."""
    return sniff(os.pread(descriptor, SNIFF_BYTES, 0)) is Kind.ZIP


def refusal_of(descriptor: int) -> str | None:
    """Why a file is not worth sending, by its first bytes; None for DICOM."""
    return REASONS.get(sniff(os.pread(descriptor, SNIFF_BYTES, 0)))


def is_below(folder: Path, components: Sequence[str]) -> bool:
    """Whether a file that a DICOMDIR names lies there, whatever the case of its letters."""
    at = folder
    for component in components:
        if (at / component).exists():
            at /= component
            continue
        try:
            names = [each.name for each in at.iterdir()]
        except OSError:
            return False
        same = [name for name in names if name.casefold() == component.casefold()]
        if not same:
            return False
        at /= same[0]
    return at.is_file()
