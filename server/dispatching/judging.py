"""What a peer's answer about one object means: it has it, never will, or may later."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from consult.reports.dispatches.model import ObjectState, SentObject, Tried

_SENT, _WAITING, _REFUSED = ObjectState.SENT, ObjectState.WAITING, ObjectState.REFUSED
_Meaning = tuple[ObjectState, str]
_SINGLE: Final[Mapping[int, _Meaning]] = MappingProxyType(
    {
        0x0000: (_SENT, ""),
        **dict.fromkeys((0x0001, 0x0107, 0x0116), (_SENT, "warning")),
        0x0111: (_SENT, "duplicate"),
        **dict.fromkeys((0x0110, 0x0210), (_WAITING, "processing")),
        0x0124: (_WAITING, "not-authorised"),
        0x0213: (_WAITING, "no-room"),
        **dict.fromkeys((0x0118, 0x0122), (_REFUSED, "class-refused")),
        0x0117: (_REFUSED, "uid-refused"),
    }
)
"""Statuses of PS3.7 annex C; another try may change those that wait."""

_RANGES: Final[Mapping[int, _Meaning]] = MappingProxyType(
    {
        0xB0: (_SENT, "warning"),
        0xA7: (_WAITING, "no-room"),
        0xA9: (_REFUSED, "mismatch"),
        **dict.fromkeys(range(0xC0, 0xD0), (_REFUSED, "not-understood")),
    }
)
"""Those of PS3.4 table B.2-1, by their first byte."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of an object, or where it waits on, why."""

    state: ObjectState
    code: str = ""


def judge(status: int | None) -> Judged:
    """A status of C-STORE (PS3.4 B.2.3) or a reason of STOW-RS (PS3.18 I.2.2), which are alike.

    None is a class that the peer does not take. An object that is there already has arrived: its
    UID is made from what it says, so that no other object bears it.
    """
    if status is None:
        return Judged(_REFUSED, "class-refused")
    state, word = _SINGLE.get(status) or _RANGES.get(status >> 8) or (_REFUSED, "refused")
    return Judged(state, f"{word}:{status:04X}" if word else "")


def settle(
    objects: Iterable[tuple[SentObject, str]],
    statuses: Mapping[str, int | None],
    *,
    failure: str = "",
    was_reached: bool = True,
) -> Tried:
    """What a try brought, from the statuses by SOP Instance UID; what has none waits on."""
    found: dict[str, SentObject] = {}
    later = ""
    for each, uid in objects:
        if uid not in statuses:
            continue
        judged = judge(statuses[uid])
        if judged.state is _WAITING:
            later = judged.code
        else:
            found[each.instance_id] = replace(each, state=judged.state, code=judged.code)
    return Tried(found, failure or later, was_reached)
