"""What is new in counters that only add up, by person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from consult.rooms.counting import Counted


@dataclass(slots=True)
class LineCounts:
    """The last figures of every participant of every open room: the processes only add up."""

    rooms: dict[str, dict[str, Counted]] = field(default_factory=dict)

    def forget_all_but(self, room_ids: Iterable[str]) -> None:
        """Rooms that have ended are counted no more."""
        kept = set(room_ids)
        self.rooms = {room: found for room, found in self.rooms.items() if room in kept}

    def news_of(self, room_id: str, now: Mapping[str, Counted]) -> list[tuple[str, Counted]]:
        """By person what is new since the last time; figures that fell are of a new connection."""
        before = self.rooms.get(room_id, {})
        by_person: dict[str, Counted] = {}
        for participant, found in sorted(now.items()):
            person = participant.partition("/")[0]
            more = _since(before.get(participant), found)
            by_person[person] = _sum(by_person.get(person), more)
        self.rooms[room_id] = dict(now)
        return list(by_person.items())


def read_counted(told: Mapping[str, Any]) -> Counted:
    """What one participant's counters say (`server/media/room_stats.py`)."""
    sends, receives = told.get("sends", ()), told.get("receives", ())
    return Counted(
        packets=sum(each["packets"] for each in sends),
        lost=sum(each["lost"] for each in sends),
        resent=sum(each["resent"] for each in receives),
        worst_lost_per_mille=max((each["lost_of_256"] for each in receives), default=0)
        * 1000
        // 256,
    )


def _since(before: Counted | None, now: Counted) -> Counted:
    if before is None or now.packets < before.packets or now.resent < before.resent:
        return now
    return Counted(
        packets=now.packets - before.packets,
        lost=max(now.lost - before.lost, 0),
        resent=now.resent - before.resent,
        worst_lost_per_mille=now.worst_lost_per_mille,
    )


def _sum(one: Counted | None, other: Counted) -> Counted:
    if one is None:
        return other
    return Counted(
        packets=one.packets + other.packets,
        lost=one.lost + other.lost,
        resent=one.resent + other.resent,
        worst_lost_per_mille=max(one.worst_lost_per_mille, other.worst_lost_per_mille),
    )
