"""A case sent back: what is asked for by eye and field, until when, and for whom it comes back."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, PanelId, PractitionerId
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words

MOST_ITEMS = 60
Slot = tuple[Eye | None, FieldCode]
"""The place of a photograph in a set; a retake takes the place, not the history."""


class ItemKind(enum.StrEnum):
    """What one line of the list asks for."""

    IMAGE = "image"
    ANSWER = "answer"
    OTHER = "other"


class ReturnEnd(enum.StrEnum):
    """How a return ended."""

    RESUBMITTED = "resubmitted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ReturnItem:
    """One line: a photograph with its reason, a question of the form, or something else."""

    kind: ItemKind
    code: str
    eye: Eye | None = None
    field: FieldCode | None = None

    @property
    def place(self) -> Slot | None:
        """Which photograph is asked for again."""
        return None if self.field is None else (self.eye, self.field)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, as it came through the door."""

    items: Sequence[ReturnItem]
    note: str = slot(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CaseReturn:
    """One return; `ended_at` is None while the clinic has the case."""

    id: str
    case_id: CaseId
    panel_id: PanelId | None
    items: tuple[ReturnItem, ...]
    note: str = slot(repr=False)
    returned_by: PractitionerId
    returned_at: datetime
    expires_at: datetime
    expert_id: PractitionerId | None
    ended_at: datetime | None
    ended_how: ReturnEnd | None
    kept_until: datetime | None

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The photographs that are asked for again."""
        return tuple(item.place for item in self.items if item.place is not None)


@dataclass(frozen=True, slots=True)
class Kept:
    """For whom a case that came back is kept, and until when."""

    expert_id: PractitionerId
    until: datetime


@dataclass(frozen=True, slots=True)
class ReturnRules:
    """What may be asked for, and how long it is waited for (config/returns.toml)."""

    name: str
    version: str
    source: str
    wait_days: int
    kept_for_expert: timedelta
    image_reasons: Mapping[str, Words]
    other_items: Mapping[str, Words]


def parse_return_rules(mapping: Mapping[str, object]) -> ReturnRules:
    """The rules of config/returns.toml."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "wait_days", "kept_for_expert_min"),
        *("image_reason", "other_item"),
    )
    return ReturnRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        wait_days=table.whole("wait_days", lowest=1),
        kept_for_expert=timedelta(minutes=table.whole("kept_for_expert_min")),
        image_reasons=_words(table.table("image_reason")),
        other_items=_words(table.table("other_item")),
    )


def expires_at(returned_at: datetime, *, wait_days: int, zone: str) -> datetime:
    """Midnight after the last day, as the inviting institution reckons its days."""
    local = returned_at.astimezone(ZoneInfo(zone))
    last = local.date() + timedelta(days=wait_days + 1)
    return datetime.combine(last, datetime.min.time(), ZoneInfo(zone))


def _words(table: RuleTable) -> Mapping[str, Words]:
    return MappingProxyType({code: table.words(code) for code in table.values})
