"""Who is given what: the one place where the parts are put together."""

import asyncio
from pathlib import Path

from aiohttp import web

from consult.blobs.folder import FolderStore
from consult.blobs.store import BlobStore
from consult.db.engine import parse_database_url
from consult.db.unit import make_units
from consult.journal import service as journal
from consult.kernel.keys import load_vault
from consult.kernel.work import SYSTEM
from consult.live.bus import Bus
from consult.live.memory import Wakeups
from consult.reports.seal import load_seal
from imaging.jail.client import Jail
from server import demonstration, keys
from server.auth.passwords import Passwords
from server.i18n import load_languages
from server.imagery import furnish_imagery
from server.metrics import Metrics
from server.rulebook import load_rulebook
from server.settings import Settings
from server.shell import Frame
from server.stream import Stream
from server.transactions import read_as, utc_now
from server.typesetting import Pages

ROOT = Path(__file__).resolve().parent.parent


def make_bus(settings: Settings, loop: asyncio.AbstractEventLoop) -> Bus:
    """The live bus of this installation."""
    if settings.redis_url is None:
        return Wakeups(loop)
    from consult.live.redis import RedisWakeups  # noqa: PLC0415 - only a grown house waits for it

    return RedisWakeups(loop, settings.redis_url)


def make_store(settings: Settings) -> BlobStore:
    """Where this installation keeps its images."""
    if settings.blob_url is None:
        return FolderStore(settings.blob_dir)
    from consult.blobs.s3 import S3Place, S3Store  # noqa: PLC0415 - only a grown house waits for it

    bucket, _, prefix = settings.blob_url.removeprefix("s3://").strip("/").partition("/")
    place = S3Place(
        bucket=bucket,
        prefix=prefix or None,
        endpoint=settings.blob_endpoint or "",
        region=settings.blob_region,
        access_key_id=settings.blob_access_key or "",
        secret_access_key=settings.blob_secret_key or "",
    )
    return S3Store(place)


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
    languages = load_languages(ROOT / "config" / "locale")
    rules = load_rulebook(settings.config_dir)
    app[keys.SETTINGS] = settings
    app[keys.VAULT] = vault
    app[keys.UNITS] = units
    app[keys.SEAL] = load_seal(settings.key_file.parent)
    app[keys.WAKEUPS] = wakeups
    app[keys.RUNNING_JOBS] = set()
    app[keys.ON_DUTY] = asyncio.Event()
    app[keys.BLOBS] = make_store(settings)
    app[keys.JAIL] = Jail(settings.worker_socket)
    app[keys.LANGUAGES] = languages
    app[keys.RULES] = rules
    is_demo = await read_as(units, SYSTEM, demonstration.is_seeded)
    frame = Frame(languages, rules, is_demo=is_demo)
    app[keys.PAGES] = Pages(frame, root=ROOT)
    app[keys.METRICS] = Metrics()
    app[keys.PASSWORDS] = Passwords()
    furnish_imagery(app, settings)
    app[keys.STREAM] = Stream(units, wakeups, utc_now)
