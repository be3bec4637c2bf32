"""Calls and attendance held against the journal: each stands as it was told, none is missing.

The lines of `room.*` are the log of the signalling: who came and went is written as it happens.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from consult.db.stored import StoredRow, stored_rows
from consult.journal.model import Line
from consult.journal.row_audit import Kept
from consult.kernel.faults import Fault
from consult.rooms.present.tables import PresentRow
from consult.rooms.recordings.holds_table import HoldRow
from consult.rooms.tables import MinutesRow, RoomRow, StayRow
from consult.rooms.telephone.tables import TelephoneRow
from consult.rooms.turns.tables import TurnRow
from consult.rooms.words.tables import WordRow

KEPT: Final = (
    Kept("minutes", MinutesRow, ("room.minutes_written",)),
    Kept("word", WordRow, ("room.said",)),
    Kept("hold", HoldRow, ("recordings.",)),
    Kept("turn", TurnRow, ("room.hand_", "room.word_")),
    Kept("present", PresentRow, ("room.present_",)),
    Kept("telephone", TelephoneRow, ("room.telephoned",)),
)
_HOST: Final = "room.host_changed"


@dataclass(slots=True)
class CallsTold:
    """The lines about each room and each stay, by their ids."""

    opened: dict[str, Line] = field(default_factory=dict)
    ended: dict[str, Line] = field(default_factory=dict)
    hosts: dict[str, Line] = field(default_factory=dict)
    joined: dict[str, Line] = field(default_factory=dict)
    left: dict[str, Line] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Keep a line that tells of a room or of a stay."""
        room, stay = str(line.codes.get("room")), str(line.codes.get("stay"))
        if line.kind == "room.opened":
            self.opened[room] = line
        elif line.kind == "room.ended":
            self.ended[room] = line
        elif line.kind == _HOST:
            self.hosts[room] = line
        elif line.kind == "room.joined":
            self.joined[stay] = line
        elif line.kind == "room.left":
            self.left[stay] = line


def check_calls(session: Session, told: CallsTold) -> Iterator[str | Fault]:
    """Every call and every stay, and every fault."""
    rooms, stays = stored_rows(session, RoomRow, by="id"), stored_rows(session, StayRow, by="id")
    yield from _check(rooms, told.opened, "video-call", lambda row: _room_agrees(row, told))
    yield from _check(stays, told.joined, "attendance", lambda row: _stay_agrees(row, told))


def _check(
    rows: Iterator[StoredRow],
    first: Mapping[str, Line],
    word: str,
    agrees: Callable[[Mapping[str, Any]], bool],
) -> Iterator[str | Fault]:
    missing = set(first)
    for row in rows:
        row_id = str(row.values["id"])
        missing.discard(row_id)
        if row_id not in first:
            yield Fault(f"{word}-added", row_id)
        elif row.unreadable or not agrees(row.values):
            yield Fault(f"{word}-changed", row_id)
        yield row_id
    yield from (Fault(f"{word}-missing", row_id) for row_id in sorted(missing))


def _room_agrees(values: Mapping[str, Any], told: CallsTold) -> bool:
    """When it was opened, by whom, for which session, who is its host, when and how it ended."""
    opened, ended = told.opened[values["id"]], told.ended.get(values["id"])
    changed = told.hosts.get(values["id"])
    host = opened.practitioner_id if changed is None else changed.codes.get("person")
    have = (
        *(values["case_id"], values["opened_at"], values["host_id"], values["session_id"]),
        *(values["ended_at"], _code(values["how"])),
    )
    return have == (
        *(opened.case_id, opened.at, host, opened.codes.get("session")),
        *((None, None) if ended is None else (ended.at, ended.codes.get("how"))),
    )


def _stay_agrees(values: Mapping[str, Any], told: CallsTold) -> bool:
    """Who came when, by which device and for which institution; when she left, and how."""
    joined, left = told.joined[values["id"]], told.left.get(values["id"])
    have = (
        *(values["room_id"], values["person_id"], values["institution_id"], values["joined_at"]),
        *(_code(values["device"]), values["left_at"], _code(values["how"])),
    )
    return have == (
        joined.codes.get("room"),
        joined.codes.get("person", joined.practitioner_id),  # a guest is no actor
        joined.codes.get("institution", joined.institution_id),
        joined.at,
        joined.codes.get("device"),
        *((None, None) if left is None else (_at(left), left.codes.get("how"))),
    )


def _at(left: Line) -> datetime | None:
    """When she left by the line: before it was written, where her line was lost."""
    try:
        return datetime.fromisoformat(str(left.codes.get("at")))
    except ValueError:
        return None


def _code(value: Any) -> object:
    return getattr(value, "value", value)
