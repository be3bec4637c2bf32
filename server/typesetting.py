"""Typesetting: one Jinja environment, assets by the build's manifest, words by the reader."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.compiled_templates import CompiledTemplates
from server.i18n import CHINESE
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
        self._environment = Environment(
            loader=FileSystemLoader(root / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            bytecode_cache=CompiledTemplates(root / "templates"),
        )
        for name in self._environment.list_templates(["html"]):  # no page waits for its file later
            self._environment.get_template(name)

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
        translate = self._frame.languages.translator(tongue)
        shell = make_shell(request, self._frame, title=translate(title), position=position, now=now)
        around = {
            "_": translate,
            "shell": shell,
            "asset": self.asset,
            "icon_url": self.asset("icons.svg"),
            "is_english": tongue != CHINESE,
        }
        words = self._words(tongue, zone=zone_of(request))
        html = self._environment.get_template(template).render({**around, **words, **context})
        return request.app[PREFIX].mount(html)

    def document(self, reader: PaperReader, template: str, **context: Any) -> str:
        """A document that nobody asked for just now, in the words of its reader."""
        translate = self._frame.languages.translator(reader.tongue)
        around = {
            "_": translate,
            "lang": reader.tongue,
            "demo": translate(DEMO) if self._frame.is_demo else "",
            "is_english": reader.tongue != CHINESE,
            "asset": self.asset,
            "icon_url": self.asset("icons.svg"),
        }
        words = self._words(reader.tongue, zone=reader.zone)
        return self._environment.get_template(template).render({**around, **words, **context})

    def asset(self, name: str) -> str:
        """The address of a built file."""
        return "/static/" + self._manifest.get(name, name)

    def _words(self, tongue: str, *, zone: str) -> dict[str, Callable[..., Any]]:
        """The functions by which a template says codes, times and dates."""
        terms = self._frame.rules.terms
        return {
            "term": partial(terms.text, tongue),
            "terms_of": partial(terms.choices, tongue),
            "moment": _or_dash(partial(format_moment, zone=zone, language=tongue)),
            "full_moment": _or_dash(partial(format_full_moment, zone=zone, language=tongue)),
            "promise": _or_dash(partial(format_promise, zone=zone, language=tongue)),
            "day": _or_dash(partial(format_day, language=tongue)),
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
