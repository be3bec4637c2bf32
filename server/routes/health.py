"""Whether the server lives, can take work, and what it measures."""

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from imaging.errors import ImagingError
from server.doors import Routes
from server.keys import JAIL, MEDIA, METRICS, PDF_SEAL, STREAM, TYPEFACE, UNITS, WAKEUPS
from server.transactions import utc_now

routes = Routes("health")
log = structlog.get_logger()


@routes.get("/healthz", public=True)
async def healthz(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"})


@routes.get("/readyz", public=True)
async def readyz(request: web.Request) -> web.Response:
    """The server can take work, otherwise what is missing; what is away only slows it."""
    missing = []
    layers: object = []
    if not request.app[UNITS].is_ready():
        missing.append("database")
    try:
        layers = (await request.app[JAIL].run("ping", {})).get("layers", [])
    except ImagingError as error:
        log.warning("worker does not answer", error=type(error.__cause__ or error).__name__)
        missing.append("worker")
    if missing:
        log.warning("not ready", code=",".join(missing))
    typeface = request.app[TYPEFACE]
    told = {
        "ready": not missing,
        "missing": missing,
        "away": [
            *([] if request.app[WAKEUPS].is_linked() else ["redis"]),
            *_media_away(request.app),
        ],
        "jail": layers,
        "typeface": typeface.family,
        "warnings": [
            *typeface.warnings,
            *_seal_warnings(request.app),
            *_media_warnings(request.app),
        ],
    }
    return web.json_response(told, status=503 if missing else 200)


def _seal_warnings(app: web.Application) -> list[str]:
    """Whether the certificate of the seal keeps reports from being issued as PDF."""
    fault = app[PDF_SEAL].fault_at(utc_now())
    return [] if fault is None else [fault.value]


def _media_away(app: web.Application) -> list[str]:
    """Whether video rooms were wanted, and nobody answers for them."""
    return ["media"] if MEDIA in app and not any(app[MEDIA].healths()) else []


def _media_warnings(app: web.Application) -> list[str]:
    """Whether rooms go by the slower way, or by none, or by some of the processes alone."""
    if MEDIA not in app:
        return []
    healths = app[MEDIA].healths()
    told = [each for each in healths if each is not None and each["way"] != each["wanted_way"]]
    warnings = {"media-slower-way" if each["way"] else "media-broken" for each in told}
    if any(healths) and None in healths:
        warnings.add("media-process-away")
    return sorted(warnings)


@routes.get("/metrics", public=True)
async def metrics(request: web.Request) -> web.Response:
    """Counters for Prometheus, to the machine itself only."""
    request.app[METRICS].streams.set(request.app[STREAM].count())
    body = generate_latest(request.app[METRICS].registry)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
