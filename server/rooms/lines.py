"""One participant's line: the browser's WebSocket, passed through message by message."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from consult.kernel.errors import ConsultError
from consult.rooms.model import Place, RoomDevice, Seen, StayEnd
from server.keys import ROOM_LINES, RULES, TASKS
from server.media.asking import MediaAwayError
from server.media.line import Line
from server.media.rate import Allowance
from server.media.tokens import LONGEST_LIFE_S, Claims, Device, Sight, seal_token
from server.rooms.looking import Looking
from server.rooms.opening import MEDIA_AWAY, PUT_OUT, REFUSED, refuse_line
from server.rooms.placing import desk_of, put_out
from server.rooms.standing import Ground
from server.rooms.stays import DATABASE_AWAY, note_gone, note_seen

_WELCOME_S: Final = 10.0
_NEWER_TOKEN_S: Final = 1.0
_NOT_OF_THE_CASE: Final = {"told": "refused", "say": "view", "code": "not-of-the-case"}
_GONE_WORDS: Final[Mapping[str, StayEnd]] = {
    "removed": StayEnd.REMOVED,
    "closed": StayEnd.ENDED,
}
_TAKEN_OVER: Final = "taken-over"


@dataclass(eq=False, slots=True)
class RoomLine:
    """What is known of one line while it lasts."""

    request: web.Request
    place: Place
    person_id: str
    device: RoomDevice
    outer: web.WebSocketResponse
    standing: Ground
    comes_in: Callable[[], Awaitable[Seen]]
    process: int = 0  # the media process to which it leads, counted from 1
    sight: Sight = Sight.NONE
    seen: Seen | None = None
    ended: StayEnd = StayEnd.LOST
    is_taken_over: bool = False  # by a later line of the same device, which goes on with the stay
    looking: Looking = field(init=False)
    asked: Allowance = field(default_factory=lambda: Allowance(10, 5))  # at once, and a second

    def __post_init__(self) -> None:
        self.looking = Looking(self.request, self.place.room.case_id, self.sight)


async def serve_line(line: RoomLine) -> None:
    """Bring the participant into the room, and pass on what both sides say until one has gone."""
    app = line.request.app
    inner = await _join(line)
    if inner is None:
        return
    app[ROOM_LINES].add(line.outer)
    try:
        line.seen = await line.comes_in()
        await _pass_both_ways(line, inner)
    except DATABASE_AWAY:  # the talk goes on, and the page comes again
        await line.outer.close(code=MEDIA_AWAY)
    except ConsultError as refused:  # her device is in the media room already
        inner.send({"say": "leave"})
        await refuse_line(line.outer, refused)
    finally:
        app[ROOM_LINES].discard(line.outer)
        # beside: a request that was cut is cancelled, and its end is heard and written all the same
        app[TASKS].start(_finish(line, inner), name="room line ends")


async def close_lines(app: web.Application) -> None:
    """Tell browsers that this process stops; they come back to the next one."""
    lines = app[ROOM_LINES]
    for outer in list(lines):
        with contextlib.suppress(ConnectionError):
            await outer.close(code=WSCloseCode.GOING_AWAY)


async def _join(line: RoomLine) -> Line | None:
    """A line of the media process that has said welcome; the browser is told why there is none."""
    found = await _ask_in(line)
    if found is not None and found[1].get("code") == "removed":
        # tokens are dated by the second: whoever was let in again at once needs a newer one
        found[0].end()
        await asyncio.sleep(_NEWER_TOKEN_S)
        found = await _ask_in(line) if await _still_holds(line) else found
    if found is None:
        await line.outer.close(code=MEDIA_AWAY)
        return None
    inner, first = found
    try:
        await line.outer.send_json(first)
        if first.get("told") == "welcome":
            return inner
        inner.end()
        await line.outer.close(code=REFUSED)
    except BaseException:  # the browser has gone, or its request was cut
        inner.end()
        raise
    return None


async def _ask_in(line: RoomLine) -> tuple[Line, Mapping[str, Any]] | None:
    """A line with what the media process says first; None where it is away."""
    try:
        inner = await desk_of(line.request.app).join(line.place.room.id, _seal(line))
    except MediaAwayError:
        return None
    first = None
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_WELCOME_S):
                first = await inner.receive()
    except BaseException:
        inner.end()
        raise
    if first is None:
        inner.end()
        return None
    return inner, first


def _seal(line: RoomLine) -> str:
    """A token of this line alone: made here, checked by the media process, shown to nobody."""
    now_s = int(time.time())
    claims = Claims(
        room=line.place.room.id,
        person=line.person_id,
        role=line.place.role.value,
        device=Device(line.device.value),
        issued_s=now_s,
        expires_s=now_s + LONGEST_LIFE_S,
        sight=line.sight,
    )
    return seal_token(claims, line.place.key)


async def _pass_both_ways(line: RoomLine, inner: Line) -> None:
    ways = [_pass_out(line, inner), _pass_in(line, inner), _watch(line, inner)]
    tasks = [asyncio.ensure_future(each) for each in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    except ConnectionError:  # a browser that goes away is no failure
        pass
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_out(line: RoomLine, inner: Line) -> None:
    """What the media process says; when it has gone, the browser comes again by another line."""
    while (told := await inner.receive()) is not None:
        if told.get("told") == "shown":
            line.looking.note(told)
            continue
        await line.outer.send_json(told)
        line.ended = _GONE_WORDS.get(str(told.get("told")), line.ended)
        line.is_taken_over = line.is_taken_over or told.get("told") == _TAKEN_OVER
    is_lost = line.ended is StayEnd.LOST and not line.is_taken_over
    await line.outer.close(code=MEDIA_AWAY if is_lost else WSCloseCode.OK)


async def _pass_in(line: RoomLine, inner: Line) -> None:
    """What the browser says: an object of JSON a message, and nothing else."""
    async for message in line.outer:
        said = _object_of(message.data) if message.type is WSMsgType.TEXT else None
        if said is None:
            await line.outer.close(code=WSCloseCode.INVALID_TEXT)
            return
        if said.get("say") == "here":
            if line.asked.take(time.monotonic()):
                await line.outer.send_json({"told": "here"})
            continue
        if said.get("say") == "leave":
            line.ended = StayEnd.LEFT
        if not await line.looking.may_say(said):
            await line.outer.send_json(_NOT_OF_THE_CASE)
            continue
        inner.send(said)


def _object_of(text: str) -> dict[str, Any] | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


async def _watch(line: RoomLine, inner: Line) -> None:
    """Put out whoever may not be there any more; note now and then that the line is there."""
    app = line.request.app
    book = app[RULES].rooms
    seen_s = time.monotonic()
    while True:
        await asyncio.sleep(book.asked_every_s)
        if not await _still_holds(line):
            line.ended = StayEnd.REMOVED
            await _put_out(line, inner)
            await line.outer.close(code=PUT_OUT)
            return
        if line.standing.process not in {0, line.process}:  # the room lives elsewhere by now
            await line.outer.close(code=MEDIA_AWAY)
            return
        if time.monotonic() - seen_s >= book.limits.seen_every.total_seconds():
            seen_s = time.monotonic()
            await note_seen(line)


async def _put_out(line: RoomLine, inner: Line | None) -> None:
    """A second device goes alone; whoever may not be there goes with every device."""
    if line.device is RoomDevice.FIRST:
        await put_out(line.request.app, line.place.room.id, line.person_id)
    elif inner is not None:
        inner.send({"say": "leave"})


async def _still_holds(line: RoomLine) -> bool:
    """While the database is away nobody can be shut out by it, and the talk goes on."""
    try:
        return await line.standing.holds()
    except DATABASE_AWAY:
        return True


async def _finish(line: RoomLine, inner: Line) -> None:
    """Write when it ended; whoever was cut off because her session ended is out of the room too."""
    await inner.finish()  # her last word may be that she leaves
    if line.ended is StayEnd.LOST and not await _still_holds(line):
        line.ended = StayEnd.REMOVED
        await _put_out(line, None)
    await note_gone(line)
