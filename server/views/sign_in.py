"""What the pages of the way in show."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from consult.people.sessions.model import Opened, Place
from server.keys import RULES, SETTINGS
from server.requests import language

_LONGEST_PATH = 500


class Moved(BaseModel):
    """Where the browser goes next."""

    location: str


class Chosen(BaseModel):
    """The language that was chosen."""

    language: str


@dataclass(frozen=True, slots=True)
class DoorsView:
    """The ways in: through the provider, by a password, or both."""

    next: str
    provider: str
    provider_path: str
    is_password_open: bool


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One institution to act for, in the reader's language."""

    affiliation_id: str
    name: str
    roles: str
    is_present: bool


@dataclass(frozen=True, slots=True)
class PlacesView:
    """The choice of the acting institution."""

    places: tuple[PlaceView, ...]
    next: str


def of_doors(request: web.Request, going: str | None) -> DoorsView:
    """The ways in of this installation."""
    settings = request.app[SETTINGS]
    path = "/sign-in/provider" + (f"?next={quote(going, safe='/')}" if going else "")
    return DoorsView(
        next=going or "",
        provider=settings.oidc_name if settings.oidc_issuer else "",
        provider_path=path,
        is_password_open=settings.password_sign_in,
    )


def of_places(
    request: web.Request, places: Sequence[Place], present: str | None, going: str | None
) -> PlacesView:
    """The institutions with the person's roles there."""
    return PlacesView(
        places=tuple(of_place(request, place, present) for place in places), next=going or ""
    )


def of_place(request: web.Request, place: Place, present: str | None) -> PlaceView:
    """One institution with the person's roles there."""
    tongue = language(request)
    return PlaceView(
        affiliation_id=place.affiliation.id,
        name=in_tongue(tongue, place.institution.name, place.institution.name_en),
        roles=roles_text(request, place.affiliation.roles),
        is_present=place.affiliation.id == present,
    )


def roles_text(request: web.Request, roles: frozenset[str]) -> str:
    """Roles in words, in the order of config/terms."""
    tongue = language(request)
    words = [
        text for code, text in request.app[RULES].terms.choices(tongue, "role") if code in roles
    ]
    return ("、" if tongue != "en" else ", ").join(words)


def in_tongue(tongue: str, name: str, name_en: str) -> str:
    """The English name for English readers where there is one."""
    return name_en if tongue == "en" and name_en else name


def local_path(text: str | None) -> str | None:
    """A path of ours to go to; nothing that could lead to another site."""
    if text is None or len(text) > _LONGEST_PATH or not text.isprintable():
        return None
    if not text.startswith("/") or text.startswith(("//", "/api/", "/sign-in")) or "\\" in text:
        return None
    return text


def institution_path(going: str | None) -> str:
    """The page of the choice, with where the person was going."""
    return "/sign-in/institution" + (f"?next={quote(going, safe='/')}" if going else "")


def next_stop(opened: Opened, going: str | None) -> str:
    """Where the day goes on: password first, then the choice of institution, then the work."""
    if opened.must_change_password:
        return "/account"
    return institution_path(going) if opened.must_choose else going or "/"


def moved(location: str) -> web.Response:
    """The answer that moves the browser."""
    return as_json(Moved(location=location))


def as_json(view: BaseModel, *, status: int = 200) -> web.Response:
    """A view as JSON."""
    return web.Response(text=view.model_dump_json(), status=status, content_type="application/json")


def as_document(view: object) -> web.Response:
    """A page's view as JSON: what a page shows, a machine can read."""
    body = TypeAdapter(type(view)).dump_json(view)
    return web.Response(body=body, content_type="application/json")
