"""The report of an import: a line a file, and by it a second run knows what is done."""

import csv
import hashlib
import io
import os
from collections import Counter
from pathlib import Path
from typing import Final, Self

from server.importing.walk import Candidate

HEADER: Final = ("path", "verdict", "reason", "sentence", "size_bytes", "modified_ns")
FINAL: Final = frozenset({"stored", "known", "conflict", "refused", "directory", "archive"})
"""Verdicts after which a file is not sent again; what failed is tried anew."""
GOOD: Final = frozenset({"stored", "known", "directory", "archive"})
_BOM: Final = b"\xef\xbb\xbf"
_DIGEST_BYTES: Final = 16


class Report:
    """The file, kept open for appending; a line is written when its file is judged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: set[bytes] = set()
        self._descriptor = -1
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_APPEND
        self._descriptor = os.open(self._path, flags, 0o600)
        self._read()
        return self

    def __exit__(self, *failure: object) -> None:
        os.fsync(self._descriptor)
        os.close(self._descriptor)

    def is_done(self, candidate: Candidate) -> bool:
        """Whether an earlier run has judged exactly this file."""
        return _key(candidate.name, candidate.size_bytes, candidate.modified_ns) in self._done

    def add(self, candidate: Candidate, verdict: str, *, reason: str, sentence: str) -> None:
        """Write what became of a file."""
        self.counts[verdict] += 1
        size, modified = candidate.size_bytes, candidate.modified_ns
        self._write((candidate.name, verdict, reason, sentence, size, modified))

    def add_absent(self, name: str, verdict: str, *, reason: str, sentence: str) -> None:
        """Write about a file that is not there by itself: one of an archive, or a missing one."""
        self.counts[verdict] += 1
        self._write((name, verdict, reason, sentence, "", ""))

    def _write(self, row: tuple[object, ...]) -> None:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        os.write(self._descriptor, line.getvalue().encode("utf-8", "backslashreplace"))

    def _read(self) -> None:
        """Take over the lines of earlier runs; a last one that was cut short is dropped."""
        size = os.fstat(self._descriptor).st_size
        if not size:
            os.write(self._descriptor, _BOM)
            self._write(HEADER)
            return
        whole = 0
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            for line in file:
                if not line.endswith(b"\r\n"):
                    break
                whole += len(line)
                self._note(line.removeprefix(_BOM).decode("utf-8", "replace"))
        os.ftruncate(self._descriptor, whole)

    def _note(self, line: str) -> None:
        row = next(csv.reader([line]), [])
        if len(row) == len(HEADER) and row[1] in FINAL:
            self._done.add(_key(row[0], row[4], row[5]))


def _key(name: str, size: int | str, modified: int | str) -> bytes:
    told = f"{name}\0{size}\0{modified}".encode("utf-8", "backslashreplace")
    return hashlib.blake2b(told, digest_size=_DIGEST_BYTES).digest()
