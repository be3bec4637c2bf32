"""Between the DICOM process and web: one JSON object a line over a Unix socket."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from imaging.dimse.identifier import Attributes, Value

LONGEST_LINE: Final = 1 << 24


def pack(message: Mapping[str, Any]) -> bytes:
    """One line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


async def receive(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message, or None when the other side has gone or speaks nonsense."""
    try:
        line = await reader.readline()
        message = json.loads(line) if line.endswith(b"\n") else None
    except (OSError, ValueError):
        return None
    return message if isinstance(message, dict) else None


def pack_attributes(attributes: Attributes) -> dict[str, Any]:
    """Attributes with their tags as text."""
    return {
        f"{tag:08X}": value if isinstance(value, str) else [pack_attributes(each) for each in value]
        for tag, value in attributes.items()
    }


def unpack_attributes(told: Mapping[str, Any]) -> dict[int, Value]:
    """And back."""
    return {
        int(tag, 16): value
        if isinstance(value, str)
        else [unpack_attributes(each) for each in value]
        for tag, value in told.items()
    }
