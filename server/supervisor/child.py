"""One child process: how it is started, and that it never outlives us."""

import contextlib
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
_STEADY_S: Final = 10.0  # who has lived so long is healthy: it is not started again more often


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run; `pass_descriptors` stay open in it, such as a lock that must live as long.

    `spare_argv` runs the same, which loads its program and begins at a byte of its standard input;
    so long after a start whoever waited for that goes before what may never be needed.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] | None = None
    pass_descriptors: Sequence[int] = ()
    hopeless_code: int = CANNOT_START
    spare_argv: Sequence[str] = ()
    spare_after_s: float = 5.0


class Child:
    """A process that is started again when it dies."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.failures = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._spare: subprocess.Popen[bytes] | None = None
        self._started_s = self._spare_started_s = 0.0
        self.due_s = 0.0

    @property
    def is_running(self) -> bool:
        """Whether we have started it and not yet seen it end."""
        return self._process is not None

    def start(self) -> int:
        """Have the spare one begin, or start one."""
        self._process = self._begin_spare() or _spawn(self.spec, self.spec.argv)
        self._started_s = time.monotonic()
        return self._process.pid

    def prepare_spare(self) -> int | None:
        """Start the spare one, where one is wanted, and it is time; its process id."""
        if not self.spec.spare_argv or not self.is_running:
            return None
        if self._spare is not None and self._spare.poll() is None:
            return None
        now_s = time.monotonic()
        if now_s - max(self._started_s, self._spare_started_s) < self.spec.spare_after_s:
            return None
        self.drop_spare()
        self._spare, self._spare_started_s = _spawn(self.spec, self.spec.spare_argv), now_s
        return self._spare.pid

    def drop_spare(self) -> None:
        """End the spare one: it holds nothing."""
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.kill()
            spare.wait()
            _hang_up(spare)

    def find_exit(self) -> int | None:
        """Its exit code if it has ended since we last asked; `due_s` says when to start again."""
        code = None if self._process is None else self._process.poll()
        if code is not None:
            self._forget()
        return code

    def ask_to_stop(self) -> None:
        """SIGTERM: finish what you do."""
        self.drop_spare()
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

    def _begin_spare(self) -> subprocess.Popen[bytes] | None:
        spare, self._spare = self._spare, None
        if spare is None or spare.stdin is None:
            return None
        try:
            spare.stdin.write(b"\n")
            spare.stdin.flush()
        except BrokenPipeError:  # it has died as well
            self._spare = spare
            self.drop_spare()
            return None
        return spare

    def _forget(self) -> None:
        """The first death is made good at once; who dies again and again waits ever longer."""
        now_s = time.monotonic()
        if now_s - self._started_s >= _STEADY_S:
            self.failures = 0
        pause_s = _FIRST_DELAY_S * 2 ** (self.failures - 1) if self.failures else 0.0
        self.due_s = now_s + min(pause_s, _LONGEST_DELAY_S)
        self.failures += 1
        self._close()

    def _close(self) -> None:
        if self._process is not None:
            _hang_up(self._process)
        self._process = None


def _spawn(spec: ChildSpec, argv: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, with a pipe that closes when we are gone."""
    return subprocess.Popen(  # noqa: S603 - our own programs, named in code
        argv,
        stdin=subprocess.PIPE,
        env=spec.environment,
        pass_fds=spec.pass_descriptors,
        start_new_session=True,  # Ctrl-C is for the supervisor alone, which then drains
        preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - this process has one thread
    )


def _hang_up(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


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
