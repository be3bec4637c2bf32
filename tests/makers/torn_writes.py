"""Writes to a file that a cut of power keeps, loses or tears at 512 bytes."""

import random

SECTOR = 512


def lucky(
    unsynced: list[tuple[int, bytes | None]], seed: random.Random
) -> list[tuple[int, bytes | None]]:
    """What chance kept of a file's unsynced writes."""
    match seed.choice(("none", "all", "some")):
        case "none":
            return []
        case "all":
            return unsynced
        case _:
            return [_torn(each, seed) for each in unsynced if seed.random() < 0.5]


def _torn(write: tuple[int, bytes | None], seed: random.Random) -> tuple[int, bytes | None]:
    offset, data = write
    if data is None or len(data) <= SECTOR or seed.random() < 0.5:
        return write
    return offset, data[: seed.randrange(SECTOR, len(data), SECTOR)]


def apply(data: bytearray, offset: int, written: bytes | None) -> None:
    """Write, or with nothing to write cut to this size."""
    if written is None:
        cut(data, offset)
    else:
        put(data, offset, written)


def put(data: bytearray, offset: int, written: bytes) -> None:
    """Write at an offset, with zeros before it where the file was shorter."""
    if len(data) < offset:
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(written)] = written


def cut(data: bytearray, size: int) -> None:
    """Cut, or lengthen by zeros."""
    if size < len(data):
        del data[size:]
    else:
        data.extend(bytes(size - len(data)))
