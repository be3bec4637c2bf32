"""What the administrator sees of what is stored: whether it is whole, and how much it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from consult.kernel.ids import InstitutionId
from consult.kernel.work import Work
from consult.people.organisations.model import Institution
from consult.storage import service as storage
from consult.storage.model import Pass, PassName, StorageFault, StorageRules
from consult.studies.quotas import service as quotas
from consult.studies.quotas.model import Usage
from server.views.admin import Option, options_of
from server.views.sign_in import in_tongue

_WHOLE = 100
_STEP = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
GB = 10**9


@dataclass(frozen=True, slots=True)
class PassView:
    """One kind of pass: under way or waiting, and how the last whole one ended.

    `is_awaited`: somebody asked for it, and it begins within seconds.
    """

    is_running: bool
    is_awaited: bool
    percent: int
    checked: int
    due_at: datetime
    last_ended_at: datetime | None
    last_checked: int
    last_found: int
    last_removed: int


@dataclass(frozen=True, slots=True)
class FaultView:
    """A stored object that is not whole, by what it is a part of."""

    kind: str
    object_type: str
    object_id: str
    part: str
    institution: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class UsageView:
    """What one institution keeps."""

    institution_id: str
    institution: str
    size_bytes: int
    size_text: str
    instances: int
    most_bytes: int | None
    most_text: str
    most_instances: int | None
    percent: int | None
    is_near: bool


@dataclass(frozen=True, slots=True)
class StoragePage:
    """Everything about the store."""

    scrub: PassView
    sweep: PassView
    fault_count: int
    faults: tuple[FaultView, ...]
    usage: tuple[UsageView, ...]
    institutions: tuple[Option, ...]
    total_text: str


def make_storage(work: Work, *, tongue: str, rules: StorageRules) -> StoragePage:
    """How it stands."""
    kept = quotas.list_usage(work)
    names = {place.id: in_tongue(tongue, place.name, place.name_en) for place, _ in kept}
    total = sum(usage.size_bytes for _, usage in kept)
    scrub = storage.get_pass(work, PassName.SCRUB, rules=rules)
    sweep = storage.get_pass(work, PassName.SWEEP, rules=rules)
    return StoragePage(
        scrub=_pass(scrub, total_bytes=total),
        sweep=_pass(sweep, total_bytes=0),
        fault_count=storage.count_faults(work),
        faults=tuple(_fault(each, names) for each in storage.list_faults(work)),
        usage=tuple(_usage(place, each, names, rules) for place, each in kept),
        institutions=options_of(tongue, [place for place, _ in kept]),
        total_text=size_text(total),
    )


def size_text(size_bytes: int) -> str:
    """Bytes as disks are sold: 12.3 GB."""
    size, unit = float(size_bytes), 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def _pass(found: Pass, *, total_bytes: int) -> PassView:
    share = found.checked_bytes * _WHOLE // total_bytes if total_bytes else 0
    return PassView(
        is_running=found.begun_at is not None,
        is_awaited=found.begun_at is None and found.is_asked,
        percent=min(share, _WHOLE),
        checked=found.checked,
        due_at=found.due_at,
        last_ended_at=found.last_ended_at,
        last_checked=found.last_checked,
        last_found=found.last_found,
        last_removed=found.last_removed,
    )


def _fault(fault: StorageFault, names: Mapping[InstitutionId, str]) -> FaultView:
    return FaultView(
        kind=fault.kind.value,
        object_type=fault.object_type,
        object_id=fault.object_id,
        part=fault.part,
        institution=names.get(InstitutionId(fault.institution_id), ""),
        found_at=fault.found_at,
    )


def _usage(
    place: Institution, usage: Usage, names: Mapping[InstitutionId, str], rules: StorageRules
) -> UsageView:
    return UsageView(
        institution_id=place.id,
        institution=names[place.id],
        size_bytes=usage.size_bytes,
        size_text=size_text(usage.size_bytes),
        instances=usage.instances,
        most_bytes=usage.most_bytes,
        most_text="" if usage.most_bytes is None else size_text(usage.most_bytes),
        most_instances=usage.most_instances,
        percent=usage.percent,
        is_near=usage.is_near(rules.warn_percent),
    )
