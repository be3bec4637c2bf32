"""Typesetting: a Jinja environment a language, assets by the build's manifest, words by the reader.

What depends on the language alone is global in its environment, so that the parts which templates
import are drawn up once and not on each page (decision 0105).
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.compiled_templates import CompiledTemplates
from server.i18n import CHINESE, LANGUAGES
from server.moments import (
    format_day,
    format_full_moment,
    format_moment,
    format_promise,
)
from server.prefix import PREFIX
from server.requests import PaperReader, language, zone_of
from server.shell import DEMO, Frame, make_shell


class Pages:
    """Turns a view into HTML."""

    def __init__(self, frame: Frame, *, root: Path) -> None:
        self._frame = frame
        self._manifest = _read_manifest(root / "static" / "dist")
        self._environments = {
            tongue: self._make_environment(tongue, root / "templates") for tongue in LANGUAGES
        }

    def html(
        self,
        request: web.Request,
        template: str,
        *,
        title: str,
        position: int,
        now: datetime,
        context: Mapping[str, Any],
    ) -> str:
        """The page as text; `title` is an English message id."""
        tongue = language(request)
        title = self._frame.languages.text(tongue, title)
        shell = make_shell(request, self._frame, title=title, position=position, now=now)
        moments = _moments(tongue, zone=zone_of(request))
        page = self._environments[tongue].get_template(template)
        return request.app[PREFIX].mount(page.render({"shell": shell, **moments, **context}))

    def document(self, reader: PaperReader, template: str, **context: Any) -> str:
        """A document that nobody asked for just now, in the words of its reader."""
        demo = self._frame.languages.text(reader.tongue, DEMO) if self._frame.is_demo else ""
        around = {"lang": reader.tongue, "demo": demo}
        moments = _moments(reader.tongue, zone=reader.zone)
        page = self._environments[reader.tongue].get_template(template)
        return page.render({**around, **moments, **context})

    def asset(self, name: str) -> str:
        """The address of a built file."""
        return "/static/" + self._manifest.get(name, name)

    def _make_environment(self, tongue: str, folder: Path) -> Environment:
        """The templates with the words of one language."""
        environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            bytecode_cache=CompiledTemplates(folder),
        )
        terms = self._frame.rules.terms
        environment.globals |= {
            "_": self._frame.languages.translator(tongue),
            "is_english": tongue != CHINESE,
            "asset": self.asset,
            "icon_url": self.asset("icons.svg"),
            "term": partial(terms.text, tongue),
            "terms_of": partial(terms.choices, tongue),
            "day": _or_dash(partial(format_day, language=tongue)),
        }
        for name in environment.list_templates(["html"]):  # no page waits for its file later
            environment.get_template(name)
        return environment


def _moments(tongue: str, *, zone: str) -> dict[str, Callable[..., Any]]:
    """The functions by which a template says times, where the reader is."""
    return {
        "moment": _or_dash(partial(format_moment, zone=zone, language=tongue)),
        "full_moment": _or_dash(partial(format_full_moment, zone=zone, language=tongue)),
        "promise": _or_dash(partial(format_promise, zone=zone, language=tongue)),
    }


def _or_dash(form: Callable[[Any], str]) -> Callable[[datetime | date | None], str]:
    return lambda value: "—" if value is None else form(value)


@cache
def _read_manifest(dist: Path) -> Mapping[str, str]:
    path = dist / "manifest.json"
    if not path.exists():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {name: entry["file"] for name, entry in entries.items()}
