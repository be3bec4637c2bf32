"""One child, one job: close the world behind it, run, answer once, exit."""

import gc
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from imaging.errors import PictureError, Refusal, RefusedError
from imaging.jail.job import MANY, Registry
from imaging.jail.landlock import deny_all_paths
from imaging.jail.limits import (
    ChildLimits,
    apply_rlimits,
    die_with_parent,
    renounce_privileges,
)
from imaging.jail.params import Params
from imaging.jail.protocol import LONGEST_ANSWER, NO_ROOM, framed
from imaging.jail.syscalls import load_filter

RLIMITS: Final = "rlimits"
PRIVILEGES: Final = "no-new-privileges"
SECCOMP: Final = "seccomp"
LANDLOCK: Final = "landlock"
LAYERS: Final = (RLIMITS, PRIVILEGES, LANDLOCK, SECCOMP)
REQUIRED: Final = frozenset({RLIMITS, PRIVILEGES, SECCOMP})

_FIRST_FREE: Final = 3
_PLACES: Final = 5


@dataclass(frozen=True, slots=True)
class Walls:
    """What a child stands behind: its limits, and the layers this machine has."""

    limits: ChildLimits
    layers: frozenset[str]
    seccomp_filter: bytes | None
    landlock_abi: int

    def names(self) -> list[str]:
        """Return the active layers, in the order in which they are put up."""
        return [layer for layer in LAYERS if layer in self.layers]


@dataclass(frozen=True, slots=True)
class Request:
    """One asked job with its descriptors."""

    job: str
    params: Mapping[str, Any]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    timeout_s: float


def run_child(
    request: Request,
    *,
    answer: int,
    parent: int,
    walls: Walls,
    registry: Registry,
) -> NoReturn:
    """Run the job behind all walls and leave; nothing of the zygote runs after it."""
    code = 1
    try:
        gc.disable()
        count = len(request.inputs) + len(request.outputs)
        _keep_only([answer, *request.inputs, *request.outputs])
        placed = list(range(_FIRST_FREE + 1, _FIRST_FREE + 1 + count))
        put_up(walls, parent=parent)
        outcome = _outcome(request, placed, walls, registry)
        message = framed(outcome, longest=LONGEST_ANSWER)
        while message:
            message = message[os.write(_FIRST_FREE, message) :]
        code = 0
    finally:
        os._exit(code)


def _keep_only(descriptors: Sequence[int]) -> None:
    """Move the given descriptors to 3, 4, …; silence the first three; close all others."""
    high = max([*descriptors, _FIRST_FREE + len(descriptors)]) + 1
    for offset, descriptor in enumerate(descriptors):
        os.dup2(descriptor, high + offset, inheritable=False)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(_FIRST_FREE):
        os.dup2(nowhere, standard)
    for offset in range(len(descriptors)):
        os.dup2(high + offset, _FIRST_FREE + offset, inheritable=False)
    os.closerange(_FIRST_FREE + len(descriptors), os.sysconf("SC_OPEN_MAX"))


def put_up(walls: Walls, *, parent: int) -> None:
    """Put up the layers, the seccomp filter last, since it denies what the others need."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent(parent)
    if PRIVILEGES in walls.layers:
        renounce_privileges()
    if LANDLOCK in walls.layers:
        deny_all_paths(walls.landlock_abi)
    if RLIMITS in walls.layers:
        apply_rlimits(walls.limits)
    if SECCOMP in walls.layers and walls.seccomp_filter is not None:
        load_filter(walls.seccomp_filter)


def _outcome(
    request: Request,
    placed: list[int],
    walls: Walls,
    registry: Registry,
) -> dict[str, Any]:
    try:
        answer = _run(request, placed, registry)
    except Exception as error:  # noqa: BLE001  # the outermost loop of this process
        return _failed(error)
    if request.job == "ping":
        answer = {**answer, "layers": walls.names(), "landlock_abi": walls.landlock_abi}
    return {"outcome": "answered", "answer": answer}


def _failed(error: Exception) -> dict[str, Any]:
    if (number := _disk_errno(error)) is not None:
        return {"outcome": "disk", "errno": number}
    if isinstance(error, (RefusedError, PictureError, RecursionError, MemoryError)):
        return _refused(error)
    return {"outcome": "crashed", "error": type(error).__name__, "at": _place(error)}


def _disk_errno(error: BaseException | None) -> int | None:
    """Return what a full disk said: it is no fault of the file."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return error.errno
        error = error.__cause__ or error.__context__
    return None


def _place(error: Exception) -> str:
    """Return the last files and lines on the way, never a value: values may name a patient."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename.rsplit("/", 1)[-1]
        places.append(f"{name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places[-_PLACES:])


def _refused(error: Exception) -> dict[str, Any]:
    reason, facts = Refusal.TOO_LARGE, {}
    if isinstance(error, RefusedError):
        reason, facts = error.reason, error.facts
    elif isinstance(error, PictureError):
        reason, facts = Refusal.NO_PICTURE, {"no_picture": error.reason.value}
    elif isinstance(error, RecursionError):
        reason = Refusal.TOO_DEEP
    return {"outcome": "refused", "reason": reason.value, "facts": facts}


def _run(request: Request, placed: list[int], registry: Registry) -> dict[str, Any]:
    if request.job not in registry:
        raise RefusedError(Refusal.UNKNOWN_JOB)
    *expected, job = registry[request.job]
    given = len(request.inputs), len(request.outputs)
    if any(due not in {MANY, count} for due, count in zip(expected, given, strict=True)):
        raise RefusedError(Refusal.INVALID_PARAMS, {"param": "descriptors"})
    return job(Params(request.params), placed[: given[0]], placed[given[0] :])
