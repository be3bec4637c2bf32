"""The watchdog of one participant's connections: whether a peer is silent, and when it is gone."""

from collections.abc import Awaitable, Callable

import structlog

from server.media.ends import LineEnd
from server.media.limits import RoomRules
from server.media.participant import Participant

log = structlog.get_logger()
_End = Callable[[], Awaitable[None]]


def check_lines(
    participant: Participant, rules: RoomRules, end_beside: Callable[[_End], None]
) -> bool:
    """Whether a peer is silent; what has ended, or was silent for too long, is ended beside."""
    silent = False
    for connection, end in (
        (participant.publishing, participant.end_publishing),
        (participant.subscription, participant.end_subscription),
    ):
        if connection is None:
            continue
        line = connection.connection
        if not _has_beaten(line):
            end_beside(end)
            continue
        silent_s = line.silent_s()
        silent = silent or silent_s > rules.silent_s
        longest_s = rules.gone_s if line.is_connected else rules.connect_s
        if line.has_ended or silent_s > longest_s:
            end_beside(end)
    return silent


def _has_beaten(line: LineEnd) -> bool:
    """Whether a connection's second passed; what its peer brought about is its own end alone."""
    try:
        line.beat()
    except Exception as error:  # noqa: BLE001 - whatever a stranger's packets caused
        log.warning("task failed", task="connection", error=type(error).__name__)
        return False
    return True
