"""Starts the processes of one installation, starts again what dies, and ends them all together."""

import signal
import time
from collections.abc import Sequence
from typing import Final

import structlog

from server.supervisor.child import CANNOT_START, Child, ChildSpec

_STOP: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_AWAITED: Final = _STOP | {signal.SIGCHLD}
_LONGEST_WAIT_S: Final = 1.0
_DRAIN_S: Final = 10.0  # SECURITY F21
_LAST_WORD_S: Final = 1.0  # kept for those that are asked last

log = structlog.get_logger()


class Supervisor:
    """Children in the order in which they are started; they are ended the other way round."""

    def __init__(self, specs: Sequence[ChildSpec], *, drain_s: float = _DRAIN_S) -> None:
        self._children = [Child(spec) for spec in specs]
        self._drain_s = drain_s

    def run(self) -> int:
        """Watch the children until a signal; 0, or CANNOT_START when one of them said so."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
        code = 0
        try:
            while code != CANNOT_START:
                self._start_due()
                got = signal.sigtimedwait(_AWAITED, self._wait_s())
                if got is not None and got.si_signo in _STOP:
                    code = 0
                    break
                code = self._bury()
        finally:
            self._drain()
        return code

    def _start_due(self) -> None:
        for child in self._children:
            if not child.is_running and child.due_s <= time.monotonic():
                pid = child.start()
                log.info("child started", child=child.spec.name, pid=pid, attempt=child.failures)
            if (spare_pid := child.prepare_spare()) is not None:
                log.info("spare started", child=child.spec.name, pid=spare_pid)

    def _wait_s(self) -> float:
        """Until the next child is due, and never so long that a lost signal would matter."""
        due_s = [child.due_s for child in self._children if not child.is_running]
        left_s = min(due_s, default=time.monotonic() + _LONGEST_WAIT_S) - time.monotonic()
        return min(max(left_s, 0.0), _LONGEST_WAIT_S)

    def _bury(self) -> int:
        """Note who has ended; CANNOT_START when one of them said that it never will run."""
        codes = [(child, child.find_exit()) for child in self._children]
        for child, code in codes:
            if code is not None:
                log.error("child ended", child=child.spec.name, exit_code=code)
        is_hopeless = any(code == child.spec.hopeless_code for child, code in codes)
        return CANNOT_START if is_hopeless else 0

    def _drain(self) -> None:
        """Ask the last started first: web finishes its requests while the worker still decodes."""
        end_s = time.monotonic() + self._drain_s
        waiting = list(reversed(self._children))
        for place, child in enumerate(waiting, 1):
            child.ask_to_stop()
            reserve_s = min(_LAST_WORD_S, self._drain_s / 4) * (len(waiting) - place)
            if child.wait(until_s=end_s - reserve_s) is None:
                log.error("child killed while draining", child=child.spec.name)
