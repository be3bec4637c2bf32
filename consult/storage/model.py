"""How stored bytes are looked after: rules, how far a pass has come, and what it found."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from consult.blobs.store import BlobRef
from consult.kernel.ids import ID_LENGTH, is_id
from consult.kernel.rules import RuleTable

_WHOLE = 100
_NEAR = frozenset({"preview", "thumbnail"})
_STAMP_DIGITS = 12  # RFC 9562 5.7: 48 bits of milliseconds


class PassName(enum.StrEnum):
    """What goes over everything that is stored."""

    SCRUB = "scrub"
    SWEEP = "sweep"
    COOLING = "cooling"


class FaultKind(enum.StrEnum):
    """What is wrong with stored bytes that a row names."""

    DAMAGED = "damaged"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class StorageRules:
    """The figures of config/storage.toml."""

    name: str
    version: str
    source: str
    scrub_bytes_per_s: int
    asked_bytes_per_s: int
    scrub_every: timedelta
    scrub_first_after: timedelta
    sweep_every: timedelta
    sweep_first_after: timedelta
    grace: timedelta
    most_removed: int
    most_removed_percent: int
    warn_percent: int
    cold_after: timedelta
    cooling_every: timedelta

    def first_after(self, name: PassName) -> timedelta:
        """How long after its first start a house begins."""
        return self.sweep_first_after if name is PassName.SWEEP else self.scrub_first_after

    def every(self, name: PassName) -> timedelta:
        """From the beginning of one pass to that of the next."""
        match name:
            case PassName.SCRUB:
                return self.scrub_every
            case PassName.SWEEP:
                return self.sweep_every
            case PassName.COOLING:
                return self.cooling_every

    def may_remove(self, orphans: int, *, of: int) -> bool:
        """Whether so many of all stored objects can be left-overs, and no mistake in a setting."""
        return orphans <= max(self.most_removed, of * self.most_removed_percent // _WHOLE)


@dataclass(frozen=True, slots=True)
class Pass:
    """How far one goes at present, and what the last whole one met."""

    name: PassName
    due_at: datetime
    is_asked: bool
    begun_at: datetime | None
    position: str
    checked: int
    checked_bytes: int
    found: int
    last_begun_at: datetime | None
    last_ended_at: datetime | None
    last_checked: int
    last_found: int
    last_removed: int


@dataclass(frozen=True, slots=True)
class Named:
    """Stored bytes, and what they are a part of."""

    blob: BlobRef
    object_type: str
    object_id: str
    part: str


@dataclass(frozen=True, slots=True)
class StorageFault:
    """Stored bytes that are not what was saved."""

    key: str
    kind: FaultKind
    object_type: str
    object_id: str
    part: str
    found_at: datetime

    @property
    def institution_id(self) -> str:
        """Whose they are."""
        return self.key.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one object that was read back; None where it is whole."""

    named: Named
    kind: FaultKind | None


def is_left_over(key: str, *, known: frozenset[str], before: datetime) -> bool:
    """Whether a key is ours to remove if nobody names it: made by this house, and not just now.

    Its own id says when it was made, moments before its bytes were.
    """
    institution_id, _, blob_id = key.partition("/")
    if institution_id not in known or len(blob_id) != ID_LENGTH or not is_id(blob_id):
        return False
    return _is_before(blob_id, before)


def is_cold(named: Named, *, before: datetime) -> bool:
    """Whether these bytes are old enough for the colder store.

    The small pictures of lists and first looks stay where they are near.
    """
    blob_id = named.blob.key.partition("/")[2]
    return named.part not in _NEAR and is_id(blob_id) and _is_before(blob_id, before)


def _is_before(blob_id: str, before: datetime) -> bool:
    return int(blob_id[:_STAMP_DIGITS], 16) < before.timestamp() * 1000


def parse_storage_rules(mapping: Mapping[str, object]) -> StorageRules:
    """Read and check config/storage.toml."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "scrub", "orphans", "quotas", "tiers")
    scrub, orphans, quotas = (table.table(key) for key in ("scrub", "orphans", "quotas"))
    scrub.only("bytes_per_s", "asked_bytes_per_s", "days_between", "first_after_min")
    orphans.only("hours_between", "first_after_min", "grace_hours", "most_removed", "most_percent")
    quotas.only("warn_percent")
    tiers = table.table("tiers")
    tiers.only("cold_after_days", "hours_between")
    return StorageRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        scrub_bytes_per_s=scrub.whole("bytes_per_s", lowest=1),
        asked_bytes_per_s=scrub.whole("asked_bytes_per_s", lowest=1),
        scrub_every=timedelta(days=scrub.whole("days_between", lowest=1)),
        scrub_first_after=timedelta(minutes=scrub.whole("first_after_min")),
        sweep_every=timedelta(hours=orphans.whole("hours_between", lowest=1)),
        sweep_first_after=timedelta(minutes=orphans.whole("first_after_min")),
        grace=timedelta(hours=orphans.whole("grace_hours", lowest=1)),
        most_removed=orphans.whole("most_removed"),
        most_removed_percent=orphans.whole("most_percent"),
        warn_percent=quotas.whole("warn_percent", lowest=1),
        cold_after=timedelta(days=tiers.whole("cold_after_days", lowest=1)),
        cooling_every=timedelta(hours=tiers.whole("hours_between", lowest=1)),
    )
