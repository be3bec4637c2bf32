"""Which bytes of an answer are asked for (RFC 9110 14)."""

from http import HTTPStatus

from aiohttp import hdrs, web

from server.dicomweb.caching import is_range_valid
from server.dicomweb.errors import DicomWebError


def range_in(request: web.Request, size: int, validator: str) -> tuple[int, int]:
    """Which bytes are asked for (RFC 9110 14.2): one range, else all.

    Raises DicomWebError for a range beyond the end.
    """
    return find_range(request, size, validator) or (0, size)


def find_range(request: web.Request, size: int, validator: str) -> tuple[int, int] | None:
    """The one range that is asked for; None where all is given, asked for or not.

    Several ranges and what is no range are taken for none, and so is a range of other content.
    Raises DicomWebError for a range beyond the end.
    """
    if hdrs.RANGE not in request.headers or not is_range_valid(request, validator):
        return None
    try:
        asked = request.http_range
    except ValueError:
        return None
    start, stop, _ = asked.indices(size)
    if start >= stop and size:
        raise DicomWebError("range-not-satisfiable", HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    return start, stop


def tell_range(response: web.StreamResponse, start: int, stop: int, size: int) -> None:
    """Say which bytes the answer holds, and that ranges are taken."""
    response.headers[hdrs.ACCEPT_RANGES] = "bytes"
    response.content_length = stop - start
    if (start, stop) != (0, size):
        response.set_status(HTTPStatus.PARTIAL_CONTENT)
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{stop - 1}/{size}"
