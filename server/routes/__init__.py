"""Every word's routes; a new file takes its line here."""

from server.doors import Routes
from server.routes import account, events, health, setup, sign_in

ALL: tuple[Routes, ...] = (
    account.routes,
    events.routes,
    health.routes,
    setup.routes,
    sign_in.routes,
)
