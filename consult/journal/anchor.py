"""The head of the journal, signed and kept outside the database: a rollback becomes visible."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

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


def _canonical(anchor: Anchor) -> bytes:
    told = {"at": anchor.at.isoformat(), "hash": anchor.hash, "position": anchor.position}
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
