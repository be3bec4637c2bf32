"""Every word's routes; a new file takes its line here."""

from server.doors import Routes
from server.routes import (
    account,
    admin,
    agreements,
    consortia,
    directory,
    events,
    health,
    institutions,
    panels,
    people,
    setup,
    sign_in,
)

ALL: tuple[Routes, ...] = (
    account.routes,
    admin.routes,
    agreements.routes,
    consortia.routes,
    directory.routes,
    events.routes,
    health.routes,
    institutions.routes,
    panels.routes,
    people.routes,
    setup.routes,
    sign_in.routes,
)
