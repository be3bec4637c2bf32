"""In which form drawn pictures are taken: JPEG or PNG, by themselves or as parts (PS3.18 8.7.4)."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from server.dicomweb.errors import NotAcceptableError
from server.dicomweb.negotiation import accepted
from server.dicomweb.wishes import JPEG, PNG

_ANY: Final = "*/*"
_TAKEN: Final = ((JPEG, frozenset({JPEG, "image/*", _ANY})), (PNG, frozenset({PNG})))
"""PNG where it is named and nothing else is taken: browsers name it beside all others."""


@dataclass(frozen=True, slots=True)
class Form:
    """The media type of each picture, and whether they leave as parts of one answer."""

    media: str
    are_parts: bool


def form_of_pictures(request: web.Request, *, count: int = 0) -> Form:
    """The form of so many pictures; of 0, one that is always by itself.

    Raises NotAcceptableError.
    """
    for media, names in _TAKEN:
        for each in accepted(request):
            if each.inner not in names:
                continue
            if count and (each.is_multipart or (count > 1 and each.media.name == _ANY)):
                return Form(media, are_parts=True)
            if count <= 1 and not each.is_multipart:
                return Form(media, are_parts=False)
    raise NotAcceptableError("picture-not-acceptable")


def require_jpeg(request: web.Request) -> None:
    """Accept as a header, or as a query parameter (PS3.18 8.3.3.1); raises NotAcceptableError."""
    if form_of_pictures(request).media != JPEG:
        raise NotAcceptableError("picture-not-acceptable")
