"""What the agent says of itself, and what it hears: counts, ages and codes, nobody's name."""

import json
from collections.abc import Sequence
from typing import Any

from edge.model import Depth, Trouble


def make_heartbeat(
    depth: Depth, *, version: str, trouble: Trouble | None, sent: Sequence[str], now: float
) -> bytes:
    """The body of a heartbeat."""
    oldest_s = None if depth.oldest_at is None else max(int(now - depth.oldest_at), 0)
    told = {
        "version": version,
        "waiting": depth.waiting,
        "waiting_bytes": depth.waiting_bytes,
        "oldest_s": oldest_s,
        "refused": depth.refused,
        "error": "" if trouble is None else trouble.value,
        "sent": list(sent),
    }
    return json.dumps(told).encode()


def read_fates(data: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What became of each upload that was asked about: fate and code."""
    told = data.get("sent")
    if not isinstance(told, list):
        return {}
    return {
        str(each.get("id")): (str(each.get("fate")), str(each.get("code", "")))
        for each in told
        if isinstance(each, dict)
    }
