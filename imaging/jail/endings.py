"""How a child of the jail ended, and what is said of it."""

import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imaging.jail.asker import Asker
from imaging.jail.protocol import (
    LENGTH_BYTES,
    LONGEST_ANSWER,
    ProtocolError,
    length_of,
    parsed,
)


@dataclass(slots=True, eq=False)
class Running:
    """One child and the answer it has written so far."""

    pid: int
    asker: Asker
    pipe: int
    deadline: float
    answer: bytearray = field(default_factory=bytearray)
    is_late: bool = False


def outcome_of(running: Running, status: int) -> dict[str, Any]:
    """Return the child's own answer where it is whole, else how the child ended."""
    body = bytes(running.answer[LENGTH_BYTES:])
    with contextlib.suppress(ProtocolError):
        if body and len(body) == length_of(
            bytes(running.answer[:LENGTH_BYTES]), longest=LONGEST_ANSWER
        ):
            return parsed(body)
    is_slow = running.is_late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU)
    return {"outcome": "timed-out" if is_slow else "crashed"}


def tell_death(running: Running, status: int, outcome: Mapping[str, Any]) -> None:
    """Say that a child died: the job and the signal, never a file's content."""
    request = running.asker.request
    line = {
        "event": "jail-child-died",
        "job": request.job if request else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "error": outcome.get("error"),
        "at": outcome.get("at"),
    }
    tell(line)


def tell(line: Mapping[str, Any]) -> None:
    """Write one line to the log."""
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()
