"""Rendered pictures kept in memory for a while, within a bound; nothing of them is on a disk."""

from collections import OrderedDict
from typing import Final

LARGEST_BYTES: Final = 64 << 20


class Pictures:
    """The pictures asked for last, by the hash of their object and how they were asked for."""

    def __init__(self, largest_bytes: int = LARGEST_BYTES) -> None:
        self._largest_bytes = largest_bytes
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._bytes = 0

    def find(self, key: tuple[object, ...]) -> bytes | None:
        """The picture, if it is still kept."""
        picture = self._kept.get(key)
        if picture is not None:
            self._kept.move_to_end(key)
        return picture

    def keep(self, key: tuple[object, ...], picture: bytes) -> None:
        """Keep a picture and let the oldest go; one larger than all the room is not kept."""
        if len(picture) > self._largest_bytes or key in self._kept:
            return
        self._kept[key] = picture
        self._bytes += len(picture)
        while self._bytes > self._largest_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest)
