"""Who is given what: the one place where the parts are put together."""

import asyncio
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web

from consult.db.engine import parse_database_url
from consult.db.unit import make_units
from consult.journal import service as journal
from consult.kernel.keys import load_vault
from consult.kernel.work import SYSTEM
from consult.live.bus import Bus
from consult.live.memory import Wakeups
from consult.reports.seal import require_seal
from imaging.jail.client import Jail
from server import demonstration, keys
from server.auth.counters import Counters, MemoryCounters, SharedCounters
from server.auth.oidc import Provider, ProviderSettings
from server.auth.open_requests import OpenRequests
from server.auth.passwords import Passwords
from server.dimse.asking import ASKING, Asking
from server.disk_watch import DISK, watch_folder
from server.dispatching.courier import furnish_couriers
from server.i18n import load_languages
from server.images.imagery import furnish_imagery
from server.metrics import Metrics
from server.notices.postman import furnish_postmen
from server.pdf.chosen import chosen_seal
from server.pdf.sealing import SEALER, Sealer
from server.pdf.typeface import Typeface
from server.rules.rulebook import load_rulebook
from server.settings import Settings
from server.shell import Frame
from server.stores import make_store
from server.stream import Stream
from server.transactions import read_as, utc_now
from server.typesetting import Pages
from server.upkeep.standing import furnish_storage

log = structlog.get_logger()
LONGEST_TYPESETTING_S = 40.0
ROOT = Path(__file__).resolve().parent.parent


def make_bus(settings: Settings, loop: asyncio.AbstractEventLoop) -> Bus:
    """The live bus of this installation."""
    if settings.redis_url is None:
        return Wakeups(loop)
    from consult.live.redis import RedisWakeups  # noqa: PLC0415 - only a grown house waits for it

    return RedisWakeups(loop, settings.redis_url)


async def furnish(app: web.Application, settings: Settings) -> None:
    """Give the application everything that its handlers use."""
    loop = asyncio.get_running_loop()
    vault = load_vault(settings.key_file)
    wakeups = make_bus(settings, loop)
    units = make_units(
        parse_database_url(settings.database_url),
        vault=vault,
        number=journal.number_entries,
        on_commit=wakeups.ring,
    )
    app[keys.SETTINGS] = settings
    app[keys.VAULT] = vault
    app[keys.UNITS] = units
    app[keys.WAKEUPS] = wakeups
    app[keys.RUNNING_JOBS] = set()
    app[keys.ON_DUTY] = asyncio.Event()
    app[keys.BLOBS] = make_store(settings)
    app[keys.JAIL] = Jail(settings.worker_socket)
    app[keys.TYPEFACE] = Typeface()
    app[keys.TYPESETTER] = Jail(settings.typesetter_socket, timeout_s=LONGEST_TYPESETTING_S)
    furnish_words(app, settings, is_demo=await read_as(units, SYSTEM, demonstration.is_seeded))
    app[keys.METRICS] = Metrics()
    furnish_storage(app)
    _furnish_doors(app, settings)
    furnish_imagery(app, settings)
    app[ASKING] = Asking()
    furnish_couriers(app)
    furnish_postmen(app)
    app[DISK] = watch_folder(settings.data_dir)
    app[keys.STREAM] = Stream(units, wakeups, utc_now)


def furnish_words(app: web.Application, settings: Settings, *, is_demo: bool) -> None:
    """What a page needs that nobody asked for: languages, rules, templates and seals."""
    languages = load_languages(ROOT / "config" / "locale")
    rules = load_rulebook(settings.config_dir)
    app[keys.LANGUAGES] = languages
    app[keys.RULES] = rules
    app[keys.PAGES] = Pages(
        Frame(
            languages,
            rules,
            is_demo=is_demo,
            provider_name=settings.oidc_name,
            has_video=settings.media,
        ),
        root=ROOT,
    )
    folder = settings.key_file.parent
    seal = require_seal(folder)
    app[keys.SEAL] = seal
    app[keys.PDF_SEAL] = chosen_seal(settings, seal, now=utc_now())
    app[SEALER] = Sealer(app[keys.PDF_SEAL])
    fault = app[keys.PDF_SEAL].fault_at(utc_now())
    if fault is not None:
        log.error("no report can be sealed", code=fault)


def _furnish_doors(app: web.Application, settings: Settings) -> None:
    """What checks who comes in, and for how long."""
    app[keys.PASSWORDS] = Passwords()
    app[keys.COUNTERS] = _counters(app, settings)
    app[keys.OPEN_REQUESTS] = OpenRequests()
    app[keys.PROVIDER] = _provider(settings)


def _counters(app: web.Application, settings: Settings) -> Counters:
    own = MemoryCounters()
    if settings.redis_url is None:
        return own
    blind = partial(app[keys.VAULT].blind, purpose="what is counted")
    return SharedCounters(own, app[keys.WAKEUPS], blind)


def _provider(settings: Settings) -> Provider | None:
    if not settings.oidc_issuer:
        return None
    file = settings.oidc_secret_file
    return Provider(
        ProviderSettings(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            secret="" if file is None else file.read_text("utf-8").strip(),
            claim=settings.oidc_claim,
        )
    )
