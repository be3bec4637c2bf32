"""Who asks the jail: one connection and the request that comes in over it."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imaging.jail.child import Request
from imaging.jail.protocol import (
    LENGTH_BYTES,
    LONGEST_REQUEST,
    ProtocolError,
    length_of,
    parsed,
)


@dataclass(slots=True, eq=False)
class Asker:
    """One connection: a request on its way in, in the queue, or being worked on."""

    connection: socket.socket
    deadline: float
    received: bytearray = field(default_factory=bytearray)
    descriptors: list[int] = field(default_factory=list)
    request: Request | None = None
    start_by: float = float("inf")


def request_in(asker: Asker) -> Request | None:
    """Return the request once all of it is there."""
    if len(asker.received) < LENGTH_BYTES:
        return None
    length = length_of(bytes(asker.received[:LENGTH_BYTES]), longest=LONGEST_REQUEST)
    if len(asker.received) < LENGTH_BYTES + length:
        return None
    asked = parsed(bytes(asker.received[LENGTH_BYTES : LENGTH_BYTES + length]))
    return _request_of(asked, asker.descriptors)


def _request_of(asked: Mapping[str, Any], descriptors: list[int]) -> Request:
    match asked:
        case {
            "job": str(job),
            "params": dict(params),
            "inputs": int(count),
            "outputs": int(outputs),
            "timeout_s": int(timeout_s) | float(timeout_s),
        } if count >= 0 and count + outputs == len(descriptors):
            inside, outside = tuple(descriptors[:count]), tuple(descriptors[count:])
            return Request(job, params, inside, outside, float(timeout_s))
    raise ProtocolError


def close_all(descriptors: list[int]) -> None:
    """Close descriptors that came with a request, each once."""
    while descriptors:
        os.close(descriptors.pop())
