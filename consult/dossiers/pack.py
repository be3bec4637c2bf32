"""A dossier as one ZIP file, piece by piece: the same dossier is the same bytes.

Nothing in it depends on the clock, the machine or a compressor: names in order, one fixed date,
everything stored as it is.
"""

import zipfile
from collections.abc import Iterable, Iterator
from typing import Final

_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP file knows
_UNIX: Final = 3
_READABLE: Final = 0o100644 << 16

Part = tuple[str, Iterable[bytes]]


class _Outgoing:
    """What zipfile writes, until it is taken away; it cannot seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        """Keep a piece."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def close(self) -> None:
        """Nothing is held."""

    def take(self) -> bytes:
        """What was written since."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def zip_pieces(parts: Iterable[Part]) -> Iterator[bytes]:
    """The bytes of a ZIP file with these parts, in their order."""
    out = _Outgoing()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, pieces in parts:
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system, info.external_attr = _UNIX, _READABLE
            with archive.open(info, "w", force_zip64=True) as entry:
                for piece in pieces:
                    entry.write(piece)
                    yield out.take()
    yield out.take()
