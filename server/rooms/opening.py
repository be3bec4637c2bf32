"""The door of a line: the WebSocket stands first, so that a refusal comes with its reason."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import WSCloseCode, web

from consult.kernel.errors import ConsultError, UnavailableError
from consult.rooms.errors import RoomCrowdedError
from consult.rooms.model import Place
from server.keys import ROOM_LINES, RULES
from server.rooms.placing import RoomRefusedError, RoomsAwayError, RoomsOffError, reopen

LARGEST_MESSAGE: Final = 1 << 17
MEDIA_AWAY: Final = 4503
PUT_OUT: Final = 4403
REFUSED: Final = 4409
_HEARTBEAT_S: Final = 8.0
_REFUSALS: Final = (RoomRefusedError, RoomsOffError, RoomCrowdedError)


async def open_line(
    request: web.Request, place: Place, hold: Callable[[], Awaitable[None]]
) -> tuple[web.WebSocketResponse, int]:
    """The browser's WebSocket, and the number of the media process that has the room by now.

    0 where nobody is taken in: then it is closed, and the page was told why. `hold` is awaited
    before anybody comes in.
    """
    app = request.app
    outer = web.WebSocketResponse(
        heartbeat=_HEARTBEAT_S, max_msg_size=LARGEST_MESSAGE, compress=False
    )
    await outer.prepare(request)
    try:
        if len(app[ROOM_LINES]) >= app[RULES].rooms.most_lines:
            raise RoomRefusedError("rooms-full")
        process = await reopen(app, place)
        await hold()
    except ConsultError as refused:
        await refuse_line(outer, refused)
        return outer, 0
    return outer, process


async def refuse_line(outer: web.WebSocketResponse, refused: ConsultError) -> None:
    """Close it for good with its reason, or so that the page comes again or asks what has ended."""
    with contextlib.suppress(ConnectionError):
        if isinstance(refused, _REFUSALS):
            await outer.send_json({"told": "refused", "say": "join", "code": refused.code})
            await outer.close(code=REFUSED)
        elif isinstance(refused, RoomsAwayError | UnavailableError):
            await outer.close(code=MEDIA_AWAY)
        else:  # the call or her place in it ended while she came
            await outer.close(code=WSCloseCode.GOING_AWAY)
