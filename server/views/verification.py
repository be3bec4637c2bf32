"""The verification page: the same for a reader who asks the server and for a file of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from consult.reports.verification import Verified
from server.i18n import CHINESE, ENGLISH
from server.keys import PAGES
from server.moments import DEFAULT_ZONE
from server.pdf.seal_words import seal_words
from server.prefix import PREFIX
from server.requests import PaperReader

TEMPLATE = "verify/page.html"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: a code as it was typed, what it tells, and when."""

    text: str
    found: Verified | None
    as_of: datetime
    is_static: bool = False


def verification_page(app: web.Application, tongue: str, asked: Asked) -> str:
    """The page in one language; times stand in the zone of whoever issued the report."""
    zone = DEFAULT_ZONE if asked.found is None else asked.found.zone
    reader = PaperReader(app, tongue, zone)
    base = "" if asked.is_static else app[PREFIX].text  # files of their own stand at a root
    html = app[PAGES].document(
        reader,
        TEMPLATE,
        found=asked.found,
        asked=asked.text,
        as_of=asked.as_of,
        is_static=asked.is_static,
        seal=seal_words(reader),
        base_path=base,
        **_other(tongue, asked),
    )
    return html if asked.is_static else app[PREFIX].mount(html)


def _other(tongue: str, asked: Asked) -> Mapping[str, str]:
    """The same page in the other language."""
    other = CHINESE if tongue == ENGLISH else ENGLISH
    code = "" if asked.found is None else asked.found.code
    if asked.is_static:
        href = f"/verify/en/{code}" if other == ENGLISH else f"/verify/{code}"
    else:
        href = f"/verify/{code}?lang={other}".replace("/?", "?")
    return {"other_href": href}
