"""What is counted of one participant: aiortc itself sees nothing of packets that we pass on."""

from collections.abc import Mapping
from typing import Any

from server.media.participant import Participant
from server.media.track import Track


def stats_of(participant: Participant) -> Mapping[str, Any]:
    """Counters since the connections began; no address, and nobody's name."""
    lines = [each for each in (participant.publishing, participant.subscription) if each]
    return {
        "participant": participant.name,
        "is_silent": participant.is_silent,
        "strangers": sum(line.connection.strangers() for line in lines),
        "sends": [_of_track(track) for track in participant.tracks.values()],
        "receives": _received(participant),
    }


def _of_track(track: Track) -> Mapping[str, Any]:
    arrivals = track.arrivals
    return {
        "source": track.source,
        "codec": track.codec,
        "packets": arrivals.received,
        "lost": max(arrivals.sent - arrivals.received, 0),
        "octets": track.octets,
        "keyframes_asked": track.keyframes_asked,
        "wanted_bps": track.wanted_bps,
    }


def _received(participant: Participant) -> list[Mapping[str, Any]]:
    if participant.subscription is None:
        return []
    return [
        {
            "source": track.source,
            "octets": sender.octets,
            "resent": sender.resent,
            "keyframes_wanted": sender.keyframes_wanted,
            "lost_of_256": sender.lost_of_256,
        }
        for track, sender in participant.subscription.senders.items()
    ]
