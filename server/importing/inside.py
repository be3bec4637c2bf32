"""What the report says of an archive: a line for each of its files, and one for itself."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

Inside = Sequence[Mapping[str, Any]]
"""The server's words about the files of one archive, in their order."""
Line = tuple[str, str, str, Mapping[str, int]]
"""Name, verdict, reason, and the numbers of its sentence."""


def lines_of(inside: Inside) -> Iterator[Line]:
    """Each file of it; of a DICOMDIR also what it names and the archive does not hold."""
    present = {_plain(each["name"]) for each in inside if "name" in each}
    for each in inside:
        if "name" not in each:
            continue
        if each["verdict"] == "directory":
            yield from _of_directory(each, present)
        else:
            yield each["name"], each["verdict"], each["reason"], {}


def verdict_of(inside: Inside) -> tuple[str, str, Mapping[str, int]]:
    """The archive's own line: read to its end, refused as a whole, or to be tried again."""
    for each in inside:
        if "name" not in each:
            return each["verdict"], each["reason"], {}
    if any(each["verdict"] == "failed" for each in inside):
        return "failed", "try-again", {}
    return "archive", "archive-read", {"count": len(inside)}


def _of_directory(told: Mapping[str, Any], present: Collection[str]) -> Iterator[Line]:
    """Compared by name with the files beside it and below (decision 0162)."""
    folder, absent = PurePosixPath(told["name"]).parent, 0
    for each in told["references"]:
        code = "directory-unsafe"
        if each["is_safe"]:
            code = "directory-missing"
            if _plain(str(folder / each["file"])) in present:
                continue
        absent += 1
        yield str(folder / each["file"]), "missing", code, {}
    facts = {"count": len(told["references"]), "missing": absent}
    code = "directory-incomplete" if absent else "directory-whole"
    yield told["name"], "directory", code, facts


def _plain(path: str) -> str:
    """A name for comparing: discs are written in capitals, and copied in any case."""
    return path.casefold().rstrip(".")
