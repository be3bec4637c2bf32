"""ZIP archives: listed within limits, taken out one entry at a time; runs in the jail.

Names are only ever shown: no path is made from one, so a name cannot climb anywhere.
"""

import io
import os
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, Final

from imaging.descriptor import open_positioned, size_of
from imaging.errors import Refusal, RefusedError
from imaging.sniff import SNIFF_BYTES, Kind, sniff

_END: Final = b"PK\x05\x06"
_END64: Final = b"PK\x06\x06"
_LOCATOR64: Final = b"PK\x06\x07"
_END_BYTES: Final = 22
_LOCATOR64_BYTES: Final = 20
_LONGEST_COMMENT: Final = 65_535
_ENCRYPTED: Final = 0x1
_UTF8_NAME: Final = 0x800
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_SMALL_BYTES: Final = 1 << 20
_CHUNK_BYTES: Final = 1 << 18
_LONGEST_NAME: Final = 255
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LITTER: Final = re.compile(
    r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)", re.IGNORECASE
)
_FAULTS: Final = (
    zipfile.BadZipFile,
    ValueError,
    LookupError,
    EOFError,
    OSError,
    NotImplementedError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much a stranger's archive may hold."""

    entries: int = 2000
    directory_bytes: int = 2 << 20
    entry_bytes: int = 2 << 30
    total_bytes: int = 8 << 30
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in an archive; `index` asks for it, `name` is only shown."""

    index: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Extracted:
    """What came out: its size and what its first bytes look like."""

    size: int
    kind: Kind


def list_entries(descriptor: int, *, limits: ArchiveLimits | None = None) -> tuple[Entry, ...]:
    """Return the files of an archive, without folders and operating-system litter.

    Raises RefusedError: damaged, encrypted, a bomb, or over a limit.
    """
    limits = limits or ArchiveLimits()
    with _opened(descriptor, limits) as archive:
        infos = archive.infolist()
        _check_all(infos, limits, archive_bytes=size_of(descriptor))
        return tuple(
            Entry(index, name, info.file_size)
            for index, info in enumerate(infos)
            if not _is_folder(info) and not _LITTER.search(name := shown_name(info))
        )


def extract_entry(
    descriptor: int, index: int, *, output: int, limits: ArchiveLimits | None = None
) -> Extracted:
    """Write the entry at `index` to the descriptor `output`.

    Raises RefusedError: no such entry, damaged, encrypted, a bomb, nested, or over a limit.
    """
    limits = limits or ArchiveLimits()
    with _opened(descriptor, limits) as archive:
        infos = archive.infolist()
        if not 0 <= index < len(infos) or _is_folder(infos[index]):
            raise RefusedError(Refusal.ZIP_NO_SUCH_ENTRY)
        info = infos[index]
        _check(info, limits)
        try:
            with archive.open(info) as entry:
                return _copied(entry, output, info.file_size)
        except _FAULTS as error:
            raise RefusedError(Refusal.DAMAGED_ZIP) from error


def _copied(entry: IO[bytes], output: int, size: int) -> Extracted:
    os.ftruncate(output, 0)
    head, at = b"", 0
    while chunk := entry.read(_CHUNK_BYTES):
        head = head or chunk[:SNIFF_BYTES]
        if sniff(head) is Kind.ZIP:
            raise RefusedError(Refusal.ZIP_NESTED)
        at += os.pwrite(output, chunk, at)
    if at != size:
        raise RefusedError(Refusal.DAMAGED_ZIP)
    return Extracted(at, sniff(head))


def _opened(descriptor: int, limits: ArchiveLimits) -> zipfile.ZipFile:
    """Open the archive after its end record promised a directory within the limits."""
    source = open_positioned(descriptor)
    count, directory_bytes = _promised(source)
    if count > limits.entries or directory_bytes > limits.directory_bytes:
        raise RefusedError(Refusal.ZIP_TOO_MANY_ENTRIES)
    try:
        return zipfile.ZipFile(source)
    except _FAULTS as error:
        raise RefusedError(Refusal.DAMAGED_ZIP) from error


def _promised(source: io.BufferedReader) -> tuple[int, int]:
    """Return entries and directory size from the end record (APPNOTE 4.3.14 to 4.3.16)."""
    size = source.seek(0, os.SEEK_END)
    tail_at = max(0, size - _END_BYTES - _LONGEST_COMMENT - _LOCATOR64_BYTES)
    source.seek(tail_at)
    tail = source.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_BYTES > len(tail):
        raise RefusedError(Refusal.DAMAGED_ZIP)
    count, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    locator = tail[max(0, at - _LOCATOR64_BYTES) : at]
    if locator.startswith(_LOCATOR64):
        source.seek(struct.unpack_from("<Q", locator, 8)[0])
        record = source.read(56)
        if record.startswith(_END64) and len(record) == 56:  # noqa: PLR2004  # its fixed part
            count, directory_bytes = struct.unpack_from("<QQ", record, 32)
    return int(count), int(directory_bytes)


def _check_all(infos: list[zipfile.ZipInfo], limits: ArchiveLimits, *, archive_bytes: int) -> None:
    if len(infos) > limits.entries:
        raise RefusedError(Refusal.ZIP_TOO_MANY_ENTRIES)
    for info in infos:
        _check(info, limits)
    if sum(info.file_size for info in infos) > limits.total_bytes:
        raise RefusedError(Refusal.ZIP_TOO_LARGE)
    # Entries that share their coded bytes promise more than the file can hold.
    if sum(info.compress_size for info in infos) > archive_bytes:
        raise RefusedError(Refusal.ZIP_BOMB)


def _check(info: zipfile.ZipInfo, limits: ArchiveLimits) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise RefusedError(Refusal.ENCRYPTED_ZIP)
    if info.compress_type not in _METHODS:
        raise RefusedError(Refusal.ZIP_METHOD)
    if info.file_size > limits.entry_bytes:
        raise RefusedError(Refusal.ZIP_TOO_LARGE)
    allowed = max(_SMALL_BYTES, info.compress_size * limits.ratio)
    if info.file_size > allowed:
        raise RefusedError(Refusal.ZIP_BOMB)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    """Whether it is a folder; the library's own test fails at an entry that has no name."""
    return info.filename.endswith("/")


def shown_name(info: zipfile.ZipInfo) -> str:
    """Return a name to show: UTF-8 where marked or valid, else GBK as Chinese Windows writes it."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        name = _decoded(name.encode("cp437", "replace"))
    safe = _UNPRINTABLE.sub("", name.replace("\\", "/").encode("utf-8", "replace").decode())
    return safe[-_LONGEST_NAME:]


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")
