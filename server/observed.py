"""One log line and one count an answer: the route's name, never the address or what was asked."""

import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from server.keys import METRICS
from server.prefix import PREFIX

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and log every answer."""
    started = time.perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    route = "unknown" if resource is None else request.app[PREFIX].inner(resource.canonical)
    seconds = time.perf_counter() - started
    metrics = request.app[METRICS]
    metrics.requests.labels(request.method, str(response.status)).inc()
    metrics.seconds.labels(route).observe(seconds)
    if not route.startswith("/static"):
        log.info(
            "answered",
            method=request.method,
            route=route,
            status=response.status,
            ms=round(seconds * 1000, 1),
        )
    return response
