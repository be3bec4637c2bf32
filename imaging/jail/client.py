"""Ask the jail: the only door through which the rest of the house has a file looked at."""

import asyncio
import math
import os
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NoReturn

from imaging.errors import (
    JailCrashedError,
    JailError,
    JailRefusedError,
    JailTimedOutError,
    JailUnavailableError,
    NoPicture,
)
from imaging.jail.protocol import (
    LONGEST_REQUEST,
    NO_ROOM,
    JsonValue,
    ProtocolError,
    framed,
    receive_answer,
    send_request,
)

_THREADS: Final = 8
_RESTART_S: Final = 5.0
_FIRST_PAUSE_S: Final = 0.05
_QUEUE_S: Final = 30.0
_AGAIN_S: Final = 8.0
"""Without the picture little is left to do; both looks together stay below half a minute."""
_LOOKING: Final = frozenset({"inspect", "receive", "take"})
"""The jobs that are asked once more without the picture."""


class Jail:
    """A client of the worker process; safe to share between threads and tasks."""

    def __init__(
        self,
        socket_path: Path | str,
        *,
        timeout_s: float = 15.0,
        restart_s: float = _RESTART_S,
    ) -> None:
        self._path = str(socket_path)
        self._timeout_s = timeout_s
        self._restart_s = restart_s
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="jail")

    def run_blocking(
        self,
        job: str,
        params: Mapping[str, JsonValue],
        *,
        inputs: Sequence[int] = (),
        outputs: Sequence[int] = (),
    ) -> dict[str, Any]:
        """Run one job in a child of its own and return its answer.

        A look whose decoder dies is asked once more without the picture, so that a sound
        DICOM object is kept and says why it shows none.

        Raises JailRefusedError: the job's plain verdict; `facts["after"]` says how a decoder ended
        that was asked before. JailCrashedError, JailTimedOutError: the child died or ran too long.
        JailUnavailableError: the worker does not answer or is full. OSError: the disk beneath an
        output had no room.
        """
        try:
            return self._run_once(job, params, inputs, outputs)
        except (JailCrashedError, JailTimedOutError) as error:
            if job not in _LOOKING or "no_picture" in params:
                raise
            reason = _reason_after(error)
        again = {**params, "no_picture": reason.value}
        try:
            return self._run_once(job, again, inputs, outputs, most_s=_AGAIN_S)
        except JailRefusedError as error:
            error.facts["after"] = reason.value
            raise

    async def run(
        self,
        job: str,
        params: Mapping[str, JsonValue],
        *,
        inputs: Sequence[int] = (),
        outputs: Sequence[int] = (),
    ) -> dict[str, Any]:
        """Do the same in a bounded pool of threads; the descriptors stay open until it ends.

        Raises JailError: as `run_blocking`.
        """
        loop = asyncio.get_running_loop()

        def step() -> dict[str, Any]:
            return self.run_blocking(job, params, inputs=inputs, outputs=outputs)

        running = loop.run_in_executor(self._threads, step)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # The caller closes its descriptors next; wait until no thread sends them any more.
            await asyncio.wait([running])
            if not running.cancelled():
                running.exception()
            raise

    def close(self) -> None:
        """Let go of the idle threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _run_once(
        self,
        job: str,
        params: Mapping[str, JsonValue],
        inputs: Sequence[int],
        outputs: Sequence[int],
        *,
        most_s: float = math.inf,
    ) -> dict[str, Any]:
        request: dict[str, JsonValue] = {
            "job": job,
            "params": params,
            "inputs": len(inputs),
            "outputs": len(outputs),
            "timeout_s": min(self._timeout_s, most_s),
        }
        with self._connected() as connection:
            connection.settimeout(self._timeout_s + _QUEUE_S)
            try:
                message = framed(request, longest=LONGEST_REQUEST)
                send_request(connection, message, [*inputs, *outputs])
                outcome = receive_answer(connection)
            except TimeoutError as error:
                raise JailTimedOutError from error
            except (OSError, ProtocolError) as error:
                raise JailUnavailableError from error
        return _answer_or_raise(outcome)

    def _connected(self) -> socket.socket:
        """Connect, waiting a little while the worker is being restarted."""
        pause_s = _FIRST_PAUSE_S
        until = time.monotonic() + self._restart_s
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(self._restart_s)
                connection.connect(self._path)
            except OSError as error:
                connection.close()
                if time.monotonic() + pause_s > until:
                    raise JailUnavailableError from error
                time.sleep(pause_s)
                pause_s *= 2
            else:
                return connection


def _reason_after(error: JailError) -> NoPicture:
    if isinstance(error, JailTimedOutError):
        return NoPicture.DECODER_TIMED_OUT
    return NoPicture.DECODER_CRASHED


def _answer_or_raise(outcome: dict[str, Any]) -> dict[str, Any]:
    answer = outcome.get("answer")
    if outcome.get("outcome") == "answered" and isinstance(answer, dict):
        return answer
    if outcome.get("outcome") == "refused":
        facts = outcome.get("facts")
        raise JailRefusedError(str(outcome.get("reason")), facts if isinstance(facts, dict) else {})
    if outcome.get("outcome") == "crashed":
        raise JailCrashedError
    if outcome.get("outcome") == "timed-out":
        raise JailTimedOutError
    if outcome.get("outcome") == "disk":
        _raise_for_disk(outcome.get("errno"))
    raise JailUnavailableError("jail-busy")


def _raise_for_disk(number: object) -> NoReturn:
    """A child that a file has taken over says what it likes: only of room it is believed."""
    if isinstance(number, int) and number in NO_ROOM:
        raise OSError(number, os.strerror(number))
    raise JailCrashedError
