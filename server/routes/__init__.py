"""Every word's routes; a new file takes its line here."""

from server.doors import Routes
from server.routes import events, health

ALL: tuple[Routes, ...] = (
    events.routes,
    health.routes,
)
