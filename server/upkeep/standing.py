"""The standing jobs of the store, as the one process on duty does them, and what they measure."""

from datetime import datetime
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge

from consult.blobs.tiers import TieredStore
from consult.kernel.work import Work
from consult.storage import service as storage
from consult.storage.model import PassName, StorageRules
from consult.studies.quotas import service as quotas
from server.images.imagery import IMAGERY
from server.keys import BLOBS, METRICS, ON_DUTY, RULES, SETTINGS, UNITS, VAULT
from server.transactions import as_system_read
from server.upkeep.asking import pass_on_wish
from server.upkeep.cooling import Cooling
from server.upkeep.scrub import Scrub
from server.upkeep.sweep import Sweep

UPKEEP_EVERY_S: Final = 5.0
MEASURED_EVERY_S: Final = 20.0


class StorageMetrics:
    """What is told of the store; whoever watches compares them with the clock."""

    def __init__(self, registry: CollectorRegistry) -> None:
        who = ["institution"]
        self.faults = _gauge(registry, "storage_faults", "Stored objects that are not whole")
        self.checked = _gauge(registry, "scrub_checked", "Objects read back in the present pass")
        self.passed_at = _gauge(registry, "scrub_passed_seconds", "When all was last read back")
        self.orphans = _gauge(registry, "orphans", "Objects without a row, at the last sweep")
        self.size_bytes = _gauge(registry, "stored_bytes", "Bytes of stored images", who)
        self.instances = _gauge(registry, "stored_instances", "Stored images", who)
        self.percent = _gauge(registry, "quota_percent", "Used share of the quota", who)


STORAGE_METRICS: web.AppKey[StorageMetrics] = web.AppKey("storage_metrics", StorageMetrics)


async def scrub_some(app: web.Application) -> None:
    """Read on as long as a pass is due and this process is the one that does it."""
    await pass_on_wish(app[UNITS], app[SETTINGS].run_dir)
    scrub = Scrub(app[UNITS], app[BLOBS], app[VAULT], app[RULES].storage)
    while app[ON_DUTY].is_set() and await scrub.go_on():
        pass


async def move_old(app: web.Application) -> None:
    """Move what is old to the colder store, where there is one."""
    blobs = app[BLOBS]
    if not isinstance(blobs, TieredStore):
        return
    cooling = Cooling(app[UNITS], blobs, app[RULES].storage)
    while app[ON_DUTY].is_set() and await cooling.go_on():
        pass


async def sweep_orphans(app: web.Application) -> None:
    """Hold the store against the rows, where it is time to."""
    await app[IMAGERY].resumed.wait()
    noted = app[IMAGERY].spool.all_noted_keys
    await Sweep(app[UNITS], app[BLOBS], app[RULES].storage, noted).run()


async def measure_storage(app: web.Application) -> None:
    """Tell /metrics what the rows say."""
    await as_system_read(app, _measure, told=app[STORAGE_METRICS], rules=app[RULES].storage)


def _measure(work: Work, *, told: StorageMetrics, rules: StorageRules) -> None:
    scrub = storage.get_pass(work, PassName.SCRUB, rules=rules)
    told.faults.set(storage.count_faults(work))
    told.checked.set(scrub.checked)
    told.passed_at.set(_seconds(scrub.last_ended_at))
    told.orphans.set(storage.get_pass(work, PassName.SWEEP, rules=rules).last_found)
    for institution, usage in quotas.list_usage(work):
        told.size_bytes.labels(institution.code).set(usage.size_bytes)
        told.instances.labels(institution.code).set(usage.instances)
        if usage.percent is not None:
            told.percent.labels(institution.code).set(usage.percent)


def furnish_storage(app: web.Application) -> None:
    """Give the application what it tells of the store."""
    app[STORAGE_METRICS] = StorageMetrics(app[METRICS].registry)


def _gauge(
    registry: CollectorRegistry, name: str, what: str, labels: list[str] | None = None
) -> Gauge:
    return Gauge(f"lianzhen_{name}", what, labels or [], registry=registry)


def _seconds(at: datetime | None) -> float:
    return 0.0 if at is None else at.timestamp()
