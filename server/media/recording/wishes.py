"""What web may wish of recordings: checked here, answered by `Desk`."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from server.media.errors import RoomRefusal
from server.media.recording.recorder import Recorder, RecordingPlace, RecordingWish

_NAME: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_KEY_HEX: Final = re.compile(r"[0-9a-f]{64}")
_MOST_PEOPLE: Final = 64
_LONGEST_NAME: Final = 128
_STOPPED: Final = "stopped"
RECORD: Final = "record"
Wish = Mapping[str, Any]


def check_wish(wish: Wish) -> RecordingWish:
    """What shall be recorded; raises RoomRefusal."""
    recording, key, consented = (wish.get(word) for word in ("recording", "key", "consented"))
    if not isinstance(recording, str) or _NAME.fullmatch(recording) is None:
        raise RoomRefusal("recording-malformed")
    if not isinstance(key, str) or _KEY_HEX.fullmatch(key) is None:
        raise RoomRefusal("key-malformed")
    if not isinstance(consented, list) or len(consented) > _MOST_PEOPLE:
        raise RoomRefusal("consent-malformed")
    people = frozenset(_check_person(each) for each in consented)
    if not people:
        raise RoomRefusal("nobody-consented")
    return RecordingWish(recording, bytes.fromhex(key), people)


async def _record(recorder: Recorder, wish: Wish) -> None:
    await recorder.start(check_wish(wish))


async def _pause(recorder: Recorder, _wish: Wish) -> None:
    await recorder.pause()


async def _resume(recorder: Recorder, _wish: Wish) -> None:
    await recorder.resume()


async def _stop(recorder: Recorder, _wish: Wish) -> None:
    await recorder.stop(_STOPPED)


async def _refuse(recorder: Recorder, wish: Wish) -> None:
    await recorder.refuse(_check_person(wish.get("person")))


OF_ROOM: Final[Mapping[str, Callable[[Recorder, Wish], Awaitable[None]]]] = {
    RECORD: _record,
    "record-pause": _pause,
    "record-resume": _resume,
    "record-stop": _stop,
    "record-refuse": _refuse,
}
"""Wishes that name a room; the answer is what everyone there was told."""


async def list_outbox(place: RecordingPlace) -> Mapping[str, Any]:
    """The parts that wait for web, oldest first; raises RoomRefusal."""
    try:
        await _in_thread(place, place.outbox.open)
        parts = await _in_thread(place, place.outbox.list_parts)
    except OSError:
        raise RoomRefusal("disk-failed") from None
    return {"source": place.outbox.source, "parts": parts}


async def acknowledge(place: RecordingPlace, wish: Wish) -> Mapping[str, Any]:
    """Web has a part, by source and sequence; saying so again changes nothing.

    Raises RoomRefusal.
    """
    sequence = wish.get("sequence")
    if wish.get("source") != place.outbox.source:
        raise RoomRefusal("another-outbox")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or sequence < 1:
        raise RoomRefusal("sequence-malformed")
    try:
        gone = await _in_thread(place, place.outbox.acknowledge, sequence)
    except OSError:
        raise RoomRefusal("disk-failed") from None
    if not gone:
        raise RoomRefusal("part-not-closed")
    return {"acknowledged": True}


def _check_person(told: object) -> str:
    if not isinstance(told, str) or not 0 < len(told) <= _LONGEST_NAME:
        raise RoomRefusal("person-malformed")
    return told


async def _in_thread(place: RecordingPlace, act: Any, *given: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(place.threads, act, *given)
