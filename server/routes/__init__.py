"""Every word's routes; a new file takes its line here."""

from server.doors import Routes
from server.routes import (
    account,
    admin,
    agreements,
    case_images,
    cases,
    consents,
    consortia,
    directory,
    events,
    health,
    institutions,
    panels,
    patients,
    people,
    setup,
    sign_in,
    uploads,
)
from server.routes.dicomweb import wado

ALL: tuple[Routes, ...] = (
    account.routes,
    admin.routes,
    agreements.routes,
    case_images.routes,
    cases.routes,
    consents.routes,
    consortia.routes,
    directory.routes,
    events.routes,
    health.routes,
    institutions.routes,
    panels.routes,
    patients.routes,
    people.routes,
    setup.routes,
    sign_in.routes,
    uploads.routes,
    wado.routes,
)
