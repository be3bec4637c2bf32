"""The head of the journal, signed and kept outside the database: a rollback becomes visible."""

import base64
import json
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_SHAPE: Final = (
    ('{"anchor": {"at": "', "0123456789T:.+-"),
    ('", "hash": "', string.hexdigits),
    ('", "position": ', string.digits),
    ('}, "seal": "', string.hexdigits),
    ('", "signature": "', string.ascii_letters + string.digits + "+/="),
    ('"}', ""),
)
"""A line: what is always the same, and which characters stand between."""

Sign = Callable[[bytes], bytes]
IsValid = Callable[[bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Position and hash of the newest line at one moment."""

    at: datetime
    position: int
    hash: str


def format_anchor(anchor: Anchor, *, sign: Sign, seal_id: str) -> str:
    """One line of the anchor file: the anchor and the seal over its canonical JSON."""
    content = _canonical(anchor)
    signature = base64.b64encode(sign(content)).decode()
    return json.dumps({"anchor": json.loads(content), "seal": seal_id, "signature": signature})


def parse_anchor(line: str, *, is_valid: IsValid) -> Anchor | None:
    """The anchor of a line; None when it is malformed or its seal does not hold."""
    try:
        parts = json.loads(line)
        told = parts["anchor"]
        anchor = Anchor(
            at=datetime.fromisoformat(told["at"]),
            position=int(told["position"]),
            hash=str(told["hash"]),
        )
        signature = base64.b64decode(parts["signature"], validate=True)
    except (KeyError, TypeError, ValueError):
        return None
    return anchor if is_valid(signature, _canonical(anchor)) else None


def is_torn(line: str) -> bool:
    """Whether this is the beginning of a line and no more, as a power cut leaves it."""
    rest = line
    for fixed, between in _SHAPE:
        if len(rest) < len(fixed):
            return fixed.startswith(rest)
        if not rest.startswith(fixed):
            return False
        rest = rest[len(fixed) :].lstrip(between) if between else rest[len(fixed) :]
        if not rest:
            return bool(between)
    return False


def _canonical(anchor: Anchor) -> bytes:
    told = {"at": anchor.at.isoformat(), "hash": anchor.hash, "position": anchor.position}
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
