"""Jobs that try to break out, run by a real child of the jail in place of the real ones."""

import errno
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any

from imaging.errors import Refusal, RefusedError
from imaging.jail.job import MANY, Registry
from imaging.jail.jobs import REGISTRY as REAL
from imaging.jail.params import Params

PTRACE_TRACEME = 0


def _attempt(step: Callable[[], object]) -> dict[str, Any]:
    """Say how the kernel answered."""
    try:
        step()
    except OSError as error:
        return {"done": False, "errno": errno.errorcode.get(error.errno or 0, "?")}
    return {"done": True}


def open_passwd(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    return _attempt(lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)))


def connect(params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    def step() -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as outside:
            outside.connect(params.text("path"))

    return _attempt(step)


def fork(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    def step() -> None:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)

    return _attempt(step)


def execute(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    return _attempt(lambda: subprocess.run(["/bin/true"], check=True))


def trace(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    import ctypes  # noqa: PLC0415  # loaded by the zygote already

    def step() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.ptrace(PTRACE_TRACEME, 0, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    return _attempt(step)


def kill_parent(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    return _attempt(lambda: os.kill(os.getppid(), 0))


def descriptors(_params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Name every open descriptor: the first three, the answer, and those of the job."""
    found = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return {"open": found, "given": [*inputs, *outputs]}


def hang(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return {}


def crash(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    os._exit(3)


def inspect(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """The real job, but a decoder dies on the file called crash.dcm."""
    if params.text("filename") == "crash.dcm" and not params.has("no_picture"):
        os.abort()
    return REAL["inspect"][2](params, inputs, outputs)


def receive_many(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """A reader dies of one of them."""
    os.abort()


def fill_memory(params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    size = params.whole("bytes", default=0, least=0, most=1 << 40)
    return {"filled": len(bytearray(size))}


def write(params: Params, _inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Put a byte into the output; a job may take its own failure for one of the file."""
    try:
        os.write(outputs[0], b"x")
    except OSError as error:
        if params.has("verdict"):
            raise RefusedError(Refusal.DAMAGED_PICTURE) from error
        raise
    return {}


def babble(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    return {"much": "x" * (8 << 20)}


REGISTRY: Registry = {
    **REAL,
    "open_passwd": (0, 0, open_passwd),
    "connect": (0, 0, connect),
    "fork": (0, 0, fork),
    "execute": (0, 0, execute),
    "trace": (0, 0, trace),
    "kill_parent": (0, 0, kill_parent),
    "descriptors": (1, 1, descriptors),
    "hang": (0, 0, hang),
    "crash": (0, 0, crash),
    "inspect": (1, 2, inspect),
    "receive_many": (MANY, MANY, receive_many),
    "fill_memory": (0, 0, fill_memory),
    "babble": (0, 0, babble),
    "write": (0, 1, write),
}
