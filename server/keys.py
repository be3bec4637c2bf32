"""Where the application keeps what every request needs: one typed key each."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from consult.blobs.store import BlobStore
from consult.db.unit import Units
from consult.kernel.keys import Vault
from consult.live.bus import Bus
from consult.reports.seal import Seal
from imaging.jail.client import Jail
from server.auth.counters import Counters
from server.auth.oidc import Provider
from server.auth.open_requests import OpenRequests
from server.auth.passwords import Passwords
from server.i18n import Languages
from server.lifespan import Tasks
from server.metrics import Metrics
from server.pdf.seals import PdfSeal
from server.pdf.typeface import Typeface
from server.recordings.locks import RoomLocks
from server.rooms.desks import MediaDesks
from server.rooms.line_counts import LineCounts
from server.rules.rulebook import Rulebook
from server.settings import Settings
from server.stream import Stream
from server.typesetting import Pages

SETTINGS = web.AppKey("settings", Settings)
UNITS = web.AppKey("units", Units)
VAULT = web.AppKey("vault", Vault)
BLOBS = web.AppKey("blobs", BlobStore)
JAIL = web.AppKey("jail", Jail)
RULES = web.AppKey("rules", Rulebook)
LANGUAGES = web.AppKey("languages", Languages)
PAGES = web.AppKey("pages", Pages)
WAKEUPS = web.AppKey("wakeups", Bus)
STREAM = web.AppKey("stream", Stream)
METRICS = web.AppKey("metrics", Metrics)
RUNNING_JOBS = web.AppKey("running_jobs", set[str])
ON_DUTY = web.AppKey("on_duty", asyncio.Event)
TASKS = web.AppKey("tasks", Tasks)
SEAL = web.AppKey("seal", Seal)
PDF_SEAL = web.AppKey("pdf_seal", PdfSeal)
MEDIA = web.AppKey("media", MediaDesks)
LINE_COUNTS = web.AppKey("line_counts", LineCounts)
RECORDINGS = web.AppKey("recordings", RoomLocks)
ASIDE_PARTS = web.AppKey("aside_parts", set[tuple[str, int]])
MIXING = web.AppKey("mixing", asyncio.Lock)
ROOM_LINES = web.AppKey("room_lines", set[web.WebSocketResponse])
TYPEFACE = web.AppKey("typeface", Typeface)
TYPESETTER = web.AppKey("typesetter", Jail)
PASSWORDS = web.AppKey("passwords", Passwords)
COUNTERS: web.AppKey[Counters] = web.AppKey("counters")
OPEN_REQUESTS: web.AppKey[OpenRequests] = web.AppKey("open_requests")
PROVIDER: web.AppKey[Provider | None] = web.AppKey("provider")
OPENAPI: web.AppKey[Callable[[], Mapping[str, Any]]] = web.AppKey("openapi")
