"""What the journal is held against: our own anchors, and copies of its head that lay elsewhere."""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from consult.journal.anchor import Anchor, is_torn, parse_anchor
from consult.kernel.faults import Fault
from consult.reports.seal import Seal
from server.anchors import FILE

_ENDS: Final = ("}", '"}')
_TOLD_AT: Final = re.compile(r'\{"anchor": \{"at": "([^"]+)"')
_JOURNAL: Final = "journal.jsonl"
_MANIFEST: Final = "manifest.json"
_SIGNATURE: Final = "manifest.sig"
_LARGEST_BYTES: Final = 256 << 20
_HEAD: Final = re.compile(r"(\d{1,18})-([0-9a-f]{16,64})")


@dataclass(frozen=True, slots=True)
class Torn:
    """The last line of a file, which a power cut tore; `at` is when, where it still tells."""

    place: str
    at: datetime | None


Met = Anchor | Torn | Fault


def anchors_of(folder: Path, copies: tuple[Path, ...], *, seal: Seal) -> Iterator[Met]:
    """Every anchor of the installation and of the copies; a copy must be there and be readable."""
    own = folder / FILE
    if own.exists():
        yield from _in_lines(own.read_bytes(), seal, name=FILE)
    for copy in copies:
        try:
            if zipfile.is_zipfile(copy):
                yield from _in_dossier(copy, seal)
            else:
                yield from _in_lines(copy.read_bytes(), seal, name=copy.name)
        except OSError:
            yield Fault("copy-unreadable", copy.name)


def parse_head(text: str) -> Anchor | None:
    """A line's place and the beginning of its hash, as a PDF of ours prints them at its foot."""
    found = _HEAD.fullmatch(text.strip().lower().replace(" ", ""))
    if found is None:
        return None
    return Anchor(datetime.min, int(found[1]), found[2])  # noqa: DTZ901 - when is not printed


def _in_lines(data: bytes, seal: Seal, *, name: str) -> Iterator[Met]:
    """The anchors of a file: only its last line may be torn, and only before its newline.

    Whoever writes the next one cuts a torn line off first.
    """
    *whole, last = data.split(b"\n")
    for number, line in enumerate(whole, 1):
        yield _anchor(line, seal) or Fault("anchor-changed", f"{name}:{number}")
    if last:
        yield from _in_last(last.decode("utf-8", "replace"), seal, f"{name}:{len(whole) + 1}")


def _in_last(line: str, seal: Seal, place: str) -> Iterator[Met]:
    """What a line without its newline tells: perhaps all of it, or when it was written."""
    for end in ("", *_ENDS):
        anchor = parse_anchor(line + end, is_valid=seal.is_valid)
        if anchor is not None:
            yield anchor
            return
    yield Torn(place, _told_at(line)) if is_torn(line) else Fault("anchor-changed", place)


def _told_at(line: str) -> datetime | None:
    found = _TOLD_AT.match(line)
    try:
        return None if found is None else datetime.fromisoformat(found[1])
    except ValueError:
        return None


def _anchor(line: bytes, seal: Seal) -> Anchor | None:
    return parse_anchor(line.decode("utf-8", "replace"), is_valid=seal.is_valid)


def _in_dossier(copy: Path, seal: Seal) -> Iterator[Met]:
    """Each line of a case in a dossier of ours is an anchor of everything that came before it."""
    try:
        for line in _journal_in(copy, seal):
            at = datetime.fromisoformat(line["at"])
            yield Anchor(at, int(line["position"]), str(line["hash"]))
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile):
        yield Fault("copy-unreadable", copy.name)


def _journal_in(copy: Path, seal: Seal) -> list[dict[str, Any]]:
    """The lines in a dossier that our seal vouches for; raises ValueError for any other."""
    with zipfile.ZipFile(copy) as opened:
        told = {name: _member(opened, name) for name in (_MANIFEST, _SIGNATURE, _JOURNAL)}
    listed = {each["name"]: each["sha256"] for each in json.loads(told[_MANIFEST])["files"]}
    is_ours = seal.is_valid(told[_SIGNATURE], told[_MANIFEST])
    if not is_ours or listed[_JOURNAL] != sha256(told[_JOURNAL]).hexdigest():
        raise ValueError(copy.name)
    return [json.loads(line) for line in told[_JOURNAL].splitlines()]


def _member(opened: zipfile.ZipFile, name: str) -> bytes:
    if opened.getinfo(name).file_size > _LARGEST_BYTES:
        raise ValueError(name)
    return opened.read(name)
