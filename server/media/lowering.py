"""Whether a receiver's line carries so little that pictures are sent smaller, or none at all."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from server.media.participant import Participant
from server.media.track import Track

_LOOKS_EVERY_S: Final = 1.0
_LOWERED: Final = 0.5  # of what the room allows; a line that lost a packet once is above it soon
_DROWNS_AFTER: Final = 3


def is_lowered(participant: Participant) -> bool:
    """Whether a picture that it is sent is held under half of what the room allows."""
    return any(
        sender.limit_bps < _LOWERED * track.ceiling_bps for track, sender in _pictures(participant)
    )


def drowns(participant: Participant) -> bool:
    """Whether a picture that is as small as it gets is lost on the way, second after second."""
    return any(sender.drowned >= _DROWNS_AFTER for _, sender in _pictures(participant))


async def tell_rate(participant: Participant, tell: Callable[[Mapping[str, Any]], None]) -> None:
    """Tell its line whenever that has changed; a line that is new takes it for not lowered.

    Where its line drowns in pictures its own wish for sound alone may not come through: they are
    taken away at once, and it is told.
    """
    told = False
    while True:
        await asyncio.sleep(_LOOKS_EVERY_S)
        now = is_lowered(participant)
        if now is not told:
            told = now
            tell({"told": "rate", "is_lowered": now})
        if participant.takes_video and drowns(participant):
            participant.takes_video = False
            participant.changed.set()
            tell({"told": "sound"})


def _pictures(participant: Participant) -> Iterable[tuple[Track, Any]]:
    known = participant.subscription
    senders = {} if known is None else known.senders
    return [each for each in senders.items() if each[0].kind == "video"]
