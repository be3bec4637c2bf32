"""The bytes of one photographed paper, as a telephone or a clinic's computer sends them."""

from typing import Final

from aiohttp import web

from consult.kernel.errors import RefusedError
from server.keys import RULES, SETTINGS
from server.patience import Pace

_TYPES: Final = frozenset({"image/jpeg", "image/png"})


async def read_photograph(request: web.Request) -> bytes:
    """The whole body; raises RefusedError for no picture, a large one, and a line that drips."""
    if request.content_type not in _TYPES:
        raise RefusedError("paper-type")
    most = request.app[RULES].papers.largest_photograph_bytes
    if request.content_length is not None and request.content_length > most:
        raise RefusedError("paper-too-large", megabytes=round(most / 1_000_000))
    pace = Pace(
        patience_s=request.app[SETTINGS].patience_s,
        least_bytes_per_s=request.app[RULES].images.limits.least_bytes_per_s,
    )
    data = bytearray()
    try:
        while more := await pace.wait(request.content.readany()):
            data += more
            if len(data) > most:
                raise RefusedError("paper-too-large", megabytes=round(most / 1_000_000))
    except TimeoutError:
        raise RefusedError("body-too-slow") from None
    if not data:
        raise RefusedError("paper-type")
    return bytes(data)
