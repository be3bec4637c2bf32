"""Whether a receiver's line carries so little that others are asked to send it smaller pictures."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from server.media.participant import Participant

_LOOKS_EVERY_S: Final = 1.0
_LOWERED: Final = 0.5  # of what the room allows; a line that lost a packet once is above it soon


def is_lowered(participant: Participant) -> bool:
    """Whether a picture that it is sent is held under half of what the room allows."""
    known = participant.subscription
    senders = {} if known is None else known.senders
    return any(
        sender.limit_bps < _LOWERED * track.ceiling_bps
        for track, sender in senders.items()
        if track.kind == "video"
    )


async def tell_rate(participant: Participant, tell: Callable[[Mapping[str, Any]], None]) -> None:
    """Tell its line whenever that has changed; a line that is new takes it for not lowered."""
    told = False
    while True:
        await asyncio.sleep(_LOOKS_EVERY_S)
        now = is_lowered(participant)
        if now is not told:
            told = now
            tell({"told": "rate", "is_lowered": now})
