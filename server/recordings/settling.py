"""What the media process does for a recording follows from its rows, whoever asks for it.

After every step the rows are looked at again: what was wished for while the media process answered
(a pause above all) is done right after, so that the last word of the rows always holds.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog
from aiohttp import web

from consult.rooms.recordings import service as asked
from consult.rooms.recordings import settling as recordings
from consult.rooms.recordings.model import Plan, Wish
from server.keys import MEDIA, RECORDINGS
from server.rooms.placing import RoomsAwayError, RoomsOffError, ask_media
from server.rooms.standing import talks_of
from server.transactions import as_system, as_system_read, in_unit

log = structlog.get_logger()
SETTLE_EVERY_S: Final = 1.0
_MOST_STEPS: Final = 5
_MOST_AT_ONCE: Final = 16
_ON, _PAUSED, _OFF = "on", "paused", "off"
_GONE: Final = "no-such-room"
_BEGINS_AGAIN: Final = frozenset({"", "stopped", "refused", "closed"})
"""With these words it may begin: new rooms, and ends that web asked for."""


async def settle_all(app: web.Application) -> None:
    """Standing: every recording that has not ended, so that nothing is left as it was wished."""
    if MEDIA not in app:
        return
    rooms = await as_system_read(app, recordings.list_live_rooms)
    slots = asyncio.Semaphore(_MOST_AT_ONCE)

    async def settle_one(room_id: str) -> None:
        async with slots:
            await settle(app, room_id)

    # one whose media process hangs holds up no other, and its fault is told once all are settled
    settled = await asyncio.gather(*map(settle_one, rooms), return_exceptions=True)
    for failed in settled:
        if isinstance(failed, BaseException):
            raise failed


async def settle(app: web.Application, room_id: str) -> None:
    """Have the media process do what the rows say now; where it is away, the next time does it."""
    async with app[RECORDINGS].of(room_id):
        for _ in range(_MOST_STEPS):
            plan = await as_system_read(app, recordings.find_plan, room_id=room_id)
            if plan is None:
                return
            try:
                is_done = await _step(app, plan)
            except (RoomsAwayError, RoomsOffError):
                return
            if is_done:
                return


async def hold_recording(request: web.Request, case_id: str, room_id: str) -> None:
    """Somebody comes in who has not agreed: nothing is recorded from before she is there."""
    app = request.app
    talks = talks_of(app)
    if await in_unit(request, asked.hold_for_newcomer, case_id=case_id, talks=talks):
        await settle(app, room_id)


async def hold_for_link(app: web.Application, room_id: str, person_id: str) -> None:
    """The same for somebody who comes by a link."""
    if await as_system(app, asked.hold_for, room_id=room_id, person_id=person_id):
        await settle(app, room_id)


async def _step(app: web.Application, plan: Plan) -> bool:
    """One wish at the most; whether nothing is left to wish for."""
    now = await _look(app, plan.recording.room_id)
    match plan.wish:
        case Wish.STOP:
            return await _stop(app, plan, now)
        case Wish.RECORD:
            return await _record(app, plan, now)
        case Wish.PAUSE if now is not None and now["state"] == _ON:
            await ask_media(app, "record-pause", room=plan.recording.room_id)
            return False
        case _:
            return True


async def _look(app: web.Application, room_id: str) -> Mapping[str, Any] | None:
    """What the media process says of it; None where it has not this room."""
    told = await ask_media(app, "stats", room=room_id)
    return None if "refused" in told else dict(told["stats"]["recording"])


async def _record(app: web.Application, plan: Plan, now: Mapping[str, Any] | None) -> bool:
    """Begin, go on, or take another list of those who agreed, whichever is missing."""
    if now is None:
        return True  # a room that comes back is recorded again as its next part
    recording = plan.recording
    if now["state"] == _OFF and now["code"] not in _BEGINS_AGAIN and recording.began_at is not None:
        await as_system(
            app, recordings.note_failed, recording_id=recording.id, code=str(now["code"])
        )
        return False
    if now["state"] == _PAUSED and set(now["people"]) >= set(plan.agreed):
        await ask_media(app, "record-resume", room=recording.room_id)
        return False
    if now["state"] == _ON and set(now["people"]) == set(plan.agreed):
        return True
    facts = {"recording": recording.id, "key": plan.key.hex(), "consented": list(plan.agreed)}
    told = await ask_media(app, "record", room=recording.room_id, **facts)
    return await _note_begun(app, plan, told)


async def _note_begun(app: web.Application, plan: Plan, told: Mapping[str, Any]) -> bool:
    recording_id, refused = plan.recording.id, told.get("refused")
    if refused == _GONE:
        return True
    if refused is not None:
        log.warning("recording refused", object_id=recording_id, code=str(refused))
        await as_system(app, recordings.note_failed, recording_id=recording_id, code=str(refused))
        return False
    agreed = plan.agreed
    await as_system(app, recordings.note_began, recording_id=recording_id, agreed=agreed)
    return False


async def _stop(app: web.Application, plan: Plan, now: Mapping[str, Any] | None) -> bool:
    """It has ended once the media process says that nothing is recorded."""
    room_id = plan.recording.room_id
    if now is not None and now["state"] != _OFF:
        if plan.refused:
            await ask_media(app, "record-refuse", room=room_id, person=plan.refused[0])
        else:
            await ask_media(app, "record-stop", room=room_id)
        return False
    await as_system(app, recordings.note_ended, recording_id=plan.recording.id)
    return True
