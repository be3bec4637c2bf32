"""Typesetting: one Jinja environment, one shell, assets by the build's manifest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.i18n import CHINESE, Languages
from server.moments import (
    DEFAULT_ZONE,
    format_day,
    format_full_moment,
    format_moment,
    format_promise,
)
from server.navigation import NavItem, home_of, make_nav
from server.requests import TOKEN, find_signed_in, language
from server.rulebook import Rulebook
from server.security import csrf_token


@dataclass(frozen=True, slots=True)
class Shell:
    """What every page shows around its own content."""

    lang: str
    title: str
    nav: list[NavItem]
    person_name: str
    role_text: str
    acting_text: str
    csrf_token: str
    home: str
    path: str
    notice: str | None
    signed_in: bool


class Pages:
    """Turns a view into HTML."""

    def __init__(self, *, root: Path, languages: Languages, rules: Rulebook) -> None:
        self._languages, self._rules = languages, rules
        self._manifest = _read_manifest(root / "static" / "dist")
        self._environment = Environment(
            loader=FileSystemLoader(root / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def html(
        self, request: web.Request, template: str, *, title: str, context: Mapping[str, Any]
    ) -> str:
        """The page as text; `title` is an English message id."""
        tongue = language(request)
        person = find_signed_in(request)
        zone = person.zone if person else DEFAULT_ZONE
        translate = self._languages.translator(tongue)
        functions = {
            "_": translate,
            "shell": self._shell(request, translate(title)),
            "asset": self.asset,
            "icon_url": self.asset("icons.svg"),
            "term": lambda group, code: self._rules.terms.text(tongue, group, code),
            "terms_of": lambda group: self._rules.terms.choices(tongue, group),
            "moment": lambda at: _or_dash(
                at, lambda it: format_moment(it, zone=zone, language=tongue)
            ),
            "full_moment": lambda at: _or_dash(
                at, lambda it: format_full_moment(it, zone=zone, language=tongue)
            ),
            "promise": lambda at: _or_dash(
                at, lambda it: format_promise(it, zone=zone, language=tongue)
            ),
            "day": lambda on: _or_dash(on, lambda it: format_day(it, language=tongue)),
            "is_english": tongue != CHINESE,
        }
        return self._environment.get_template(template).render({**functions, **context})

    async def render_problem(
        self, request: web.Request, status: HTTPStatus, text: str
    ) -> web.Response:
        """A plain page with the sentence, and the way back."""
        html = self.html(request, "problem.html", title="Not possible", context={"sentence": text})
        return web.Response(text=html, status=status, content_type="text/html")

    def asset(self, name: str) -> str:
        """The address of a built file."""
        return "/static/" + self._manifest.get(name, name)

    def _shell(self, request: web.Request, title: str) -> Shell:
        tongue = language(request)
        person = find_signed_in(request)
        if person is None:
            return Shell(
                tongue, title, [], "", "", "", "", "/", request.path, None, signed_in=False
            )
        in_english = tongue != CHINESE
        name = person.person_name_en if in_english and person.person_name_en else person.person_name
        place = (
            person.institution_name_en
            if in_english and person.institution_name_en
            else person.institution_name
        )
        roles = "、" if not in_english else ", "
        return Shell(
            lang=tongue,
            title=title,
            nav=make_nav(
                person.actor,
                self._rules.roles,
                path=request.path,
                translate=self._languages.translator(tongue),
            ),
            person_name=name,
            role_text=roles.join(
                self._rules.terms.text(tongue, "role", role) for role in sorted(person.actor.roles)
            ),
            acting_text=place,
            csrf_token=csrf_token(str(request.get(TOKEN, ""))),
            home=home_of(person.actor, self._rules.roles),
            path=request.path,
            notice=None,
            signed_in=True,
        )


def _or_dash(value: datetime | date | None, form: Any) -> str:
    return "—" if value is None else str(form(value))


@cache
def _read_manifest(dist: Path) -> Mapping[str, str]:
    path = dist / ".vite" / "manifest.json"
    if not path.exists():
        path = dist / "manifest.json"
    if not path.exists():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {name: entry["file"] for name, entry in entries.items()}
