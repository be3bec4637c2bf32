"""What the server counts."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Metrics:
    """One registry a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lianzhen_requests", "Answers given", ["method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "lianzhen_request_seconds", "Time to answer", ["route"], registry=self.registry
        )
        self.relay_names = Counter(
            "lianzhen_relay_names", "Names for the relay handed out", registry=self.registry
        )
        self.present = Gauge(
            "lianzhen_people_present", "People with a page open, anywhere", registry=self.registry
        )
        self.streams = Gauge("lianzhen_streams", "Open event streams", registry=self.registry)
