"""What a client takes: `Accept` as a header or as a query parameter (PS3.18 8.3.3, 8.7)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aiohttp import hdrs, web

from server.dicomweb.parts import MediaType, parse_media_type

EXPLICIT_LE: Final = "1.2.840.10008.1.2.1"
ANY: Final = "*"
_LONGEST: Final = 2000
_MOST: Final = 50
_CLIENTS_KNOWN: Final = 256
# commas that stand in quotation marks part nothing (RFC 9110 5.6.4)
_ITEM: Final = re.compile(r'(?:[^,"]|"[^"]*")+')


@dataclass(frozen=True, slots=True)
class Range:
    """One media range that a client takes."""

    media: MediaType
    weight: float

    @property
    def inner(self) -> str:
        """What the parts of a multipart are to be; the media type itself for a single one."""
        if self.media.name == "multipart/related":
            return self.media.parameters.get("type", "*/*").lower()
        return self.media.name

    @property
    def is_multipart(self) -> bool:
        """Whether parts are asked for."""
        return self.media.name == "multipart/related"

    @property
    def syntax(self) -> str | None:
        """The transfer syntax that is asked for."""
        return self.media.parameters.get("transfer-syntax")


def accepted(request: web.Request) -> Sequence[Range]:
    """What the client takes, the dearest first; a client that says nothing takes all."""
    told = request.query.get("accept") or ",".join(request.headers.getall(hdrs.ACCEPT, []))
    return _ranges(told[:_LONGEST])


@lru_cache(maxsize=_CLIENTS_KNOWN)
def _ranges(told: str) -> Sequence[Range]:
    """A client says the same each time, so that it is read once."""
    items = _ITEM.findall(told)[:_MOST] or ["*/*"]
    found = [_range(item.strip()) for item in items]
    return tuple(sorted((each for each in found if each.weight > 0), key=lambda each: -each.weight))


def _range(text: str) -> Range:
    media = parse_media_type(text)
    try:
        weight = float(media.parameters.get("q", "1"))
    except ValueError:
        weight = 0.0
    return Range(media, weight)
