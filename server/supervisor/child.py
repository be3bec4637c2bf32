"""One child process: how it is started, and that it never outlives us."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

CANNOT_START: Final = os.EX_CONFIG  # a process that ends so would only end so again
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_LIBC: Final = ctypes.CDLL(None, use_errno=True)  # loaded before any fork
_FIRST_DELAY_S: Final = 0.2
_LONGEST_DELAY_S: Final = 10.0
_STEADY_S: Final = 30.0  # who has lived so long is healthy again


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run; `pass_descriptors` stay open in it, such as a lock that must live as long."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] | None = None
    pass_descriptors: Sequence[int] = ()
    hopeless_code: int = CANNOT_START


class Child:
    """A process that is started again when it dies."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.failures = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._started_s = 0.0
        self.due_s = 0.0

    @property
    def is_running(self) -> bool:
        """Whether we have started it and not yet seen it end."""
        return self._process is not None

    def start(self) -> int:
        """Start it in a session of its own, with a pipe that closes when we are gone."""
        self._process = subprocess.Popen(  # noqa: S603 - our own programs, named in code
            self.spec.argv,
            stdin=subprocess.PIPE,
            env=self.spec.environment,
            pass_fds=self.spec.pass_descriptors,
            start_new_session=True,  # Ctrl-C is for the supervisor alone, which then drains
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - this process has one thread
        )
        self._started_s = time.monotonic()
        return self._process.pid

    def find_exit(self) -> int | None:
        """Its exit code if it has ended since we last asked; `due_s` says when to start again."""
        code = None if self._process is None else self._process.poll()
        if code is not None:
            self._forget()
        return code

    def ask_to_stop(self) -> None:
        """SIGTERM: finish what you do."""
        if self._process is not None:
            self._process.terminate()

    def wait(self, *, until_s: float) -> int | None:
        """Its exit code, or None when it was still busy then and was killed with its children."""
        if self._process is None:
            return 0
        try:
            code = self._process.wait(max(until_s - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            code = None
        self._close()
        return code

    def _forget(self) -> None:
        now_s = time.monotonic()
        if now_s - self._started_s >= _STEADY_S:
            self.failures = 0
        self.due_s = now_s + min(_FIRST_DELAY_S * 2**self.failures, _LONGEST_DELAY_S)
        self.failures += 1
        self._close()

    def _close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None


def _die_with(parent: int) -> Callable[[], None]:
    """Between fork and exec: ask the kernel to kill this child when the supervisor dies."""

    def prepare() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(os.EX_TEMPFAIL)
        signal.pthread_sigmask(
            signal.SIG_SETMASK, ()
        )  # the supervisor waits for signals; we do not

    return prepare
