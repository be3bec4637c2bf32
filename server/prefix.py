"""Where below its host name the installation stands, and the edges at which that is said.

Inside, every path begins at the root: routes, links in templates and views, `{"location": …}`,
`next`. The prefix is taken off at one edge and put on at four: pages, the header `Location`,
cookies, and the scripts' `under()` (decision 0063).
"""

import re
from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web

# A quotation mark in a page is ours, for what people typed is escaped: attributes alone are found
_FOLLOWED: Final = re.compile(r'(\s(?:href|src|action|formaction|poster)=")(?=/(?!/))')


@dataclass(frozen=True, slots=True)
class Prefix:
    """Empty, or a path like `/lianzhen`."""

    text: str = ""

    def address(self, path: str) -> str:
        """Where a browser finds a path of ours; another server's address stays as it is."""
        is_ours = path.startswith("/") and not path.startswith("//")
        return self.text + path if is_ours else path

    def inner(self, path: str) -> str:
        """A path as our own code knows it."""
        is_below = path == self.text or path.startswith(f"{self.text}/")
        return (path[len(self.text) :] or "/") if is_below else path

    def mount(self, html: str) -> str:
        """The same page, with every address in it that a browser follows by itself."""
        return _FOLLOWED.sub(rf"\g<1>{self.text}", html) if self.text else html


PREFIX: Final = web.AppKey("prefix", Prefix)


def path_of(request: web.Request) -> str:
    """The path that was asked for, as our own code knows it."""
    return request.app[PREFIX].inner(request.path)


def asked_of(request: web.Request, **more: str) -> str:
    """The same with its query, to which `more` is added."""
    asked = request.rel_url.update_query(more) if more else request.rel_url
    query = f"?{asked.raw_query_string}" if asked.raw_query_string else ""
    return request.app[PREFIX].inner(asked.raw_path) + query


def cookie_path(request: web.Request, below: str = "/") -> str:
    """The path with which a cookie is set, so that no neighbour on the same name is sent it."""
    return request.app[PREFIX].address(below)


async def lead_below(request: web.Request, response: web.StreamResponse) -> None:
    """The signal handler by which every redirect and every made object is found."""
    location = response.headers.get(hdrs.LOCATION)
    if location is not None:
        response.headers[hdrs.LOCATION] = request.app[PREFIX].address(location)
