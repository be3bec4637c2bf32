"""A recording is mixed by the hospital's own ffmpeg, and handed out while it is made.

No plain byte touches a disk: tracks go in by pipes as they are deciphered, and the file comes out
of one. Its length is written at its head, since it is known before.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consult.blobs.errors import BlobDamagedError, BlobMissingError
from server.media.recording.ebml import real, size_bytes
from server.media.recording.sealing import RecordingDamagedError
from server.recordings.mixing import MixedTrack, arguments
from server.recordings.refining import enter_element
from server.threads import in_thread

_MEMORY_BYTES: Final = 3 << 30
_PIECE_BYTES: Final = 1 << 16
_LEAST_CPU_S: Final = 120
_SILENT_FOR_S: Final = 120.0
_INFO: Final = b"\x15\x49\xa9\x66"
_LONGEST_HEAD: Final = 1 << 16
_DURATION: Final = 0x4489
_CLUSTER: Final = b"\x1f\x43\xb6\x75"
_SEGMENT: Final = b"\x18\x53\x80\x67"
_SEEK_HEAD: Final = b"\x11\x4d\x9b\x74"
_VOID: Final = b"\xec"
_UNKNOWN_BYTES: Final = 8
Opening = Callable[[], Iterable[bytes]]
Writing = Callable[[bytes], Awaitable[None]]


class NotMixedError(Exception):
    """The program ended before its time, or said nothing for too long; or a track is damaged."""


_DAMAGED: Final = (NotMixedError, RecordingDamagedError, BlobDamagedError, BlobMissingError)


@dataclass(frozen=True, slots=True)
class Mixing:
    """One recording on its way through the program."""

    program: Path
    tracks: Sequence[MixedTrack]
    openings: Sequence[Opening]
    length_ms: int

    async def make(self, write: Writing) -> None:
        """Hand out the WebM piece by piece; raises NotMixedError, also where a track is damaged."""
        pipes = [os.pipe() for _ in self.tracks]
        process = await self._start(pipes)
        try:
            async with asyncio.TaskGroup() as group:
                for (_, writing), opening in zip(pipes, self.openings, strict=True):
                    group.create_task(_feed(writing, opening))
                await self._hand_out(process, write)
        except* _DAMAGED:
            raise NotMixedError from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    async def _start(self, pipes: Sequence[tuple[int, int]]) -> asyncio.subprocess.Process:
        readings = [reading for reading, _ in pipes]
        cpu_s = _LEAST_CPU_S + self.length_ms // 1000 * 2
        own = [str(each) for each in (os.getpid(), _MEMORY_BYTES, cpu_s, self.program)]
        try:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "server.recordings.mixer_child", *own),
                *arguments(self.tracks, readings, self.length_ms),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=readings,
            )
        except OSError:
            for _, writing in pipes:
                os.close(writing)
            raise NotMixedError from None
        finally:
            for reading in readings:
                os.close(reading)

    async def _hand_out(self, process: asyncio.subprocess.Process, write: Writing) -> None:
        output = process.stdout
        if output is None:
            raise NotMixedError
        await write(await self._head(output))
        while piece := await _next(output):
            await write(piece)
        if await asyncio.wait_for(process.wait(), _SILENT_FOR_S):
            raise NotMixedError

    async def _head(self, output: asyncio.StreamReader) -> bytes:
        """What stands before the first picture, with the length of the whole written into it."""
        head = b""
        while (at := head.find(_CLUSTER)) < 0:
            piece = await _next(output)
            if not piece or len(head) > _LONGEST_HEAD:
                raise NotMixedError
            head += piece
        return _with_length(head, at, self.length_ms)


def _with_length(head: bytes, first: int, length_ms: int) -> bytes:
    """The same with the length in `Info`, and without what says where each part of it lies."""
    at = head.find(_SEGMENT) + len(_SEGMENT) + _UNKNOWN_BYTES
    told = head[:at]
    while at < first:
        number = head[at : at + 9 - head[at].bit_length()]
        inner, end = enter_element(head, at, number)
        if number == _INFO:
            body = head[inner:end] + real(_DURATION, float(length_ms))
            told += _INFO + size_bytes(len(body)) + body
        elif number not in {_SEEK_HEAD, _VOID}:
            told += head[at:end]
        at = end
    return told + head[first:]


async def _next(output: asyncio.StreamReader) -> bytes:
    """The next bytes; raises NotMixedError where nothing comes for long."""
    try:
        return await asyncio.wait_for(output.read(_PIECE_BYTES), _SILENT_FOR_S)
    except TimeoutError:
        raise NotMixedError from None


async def _feed(descriptor: int, opening: Opening) -> None:
    """Write a track into a pipe, as fast as it is read; who reads may stop before the end."""
    loop = asyncio.get_running_loop()
    file = os.fdopen(descriptor, "wb", buffering=0)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, file)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    try:
        pieces = iter(opening())
        while (piece := await in_thread(next, pieces, None)) is not None:
            writer.write(piece)
            await writer.drain()
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        writer.close()
