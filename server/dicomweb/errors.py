"""Answers of the doors of DICOMweb that are no rule's: PS3.18 8.5 names their statuses."""

from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus

from aiohttp import web

from consult.kernel.errors import ConsultError
from server.errors import answer_error

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DicomWebError(ConsultError):
    """A request that is answered with a status of its own."""

    def __init__(self, code: str, status: HTTPStatus) -> None:
        super().__init__(code)
        self.status = status


class NotAcceptableError(DicomWebError):
    """Nothing that the client takes can be given."""

    def __init__(self, code: str = "media-not-acceptable") -> None:
        super().__init__(code, HTTPStatus.NOT_ACCEPTABLE)


class MalformedError(DicomWebError):
    """The request cannot be read."""

    def __init__(self, code: str = "request-malformed") -> None:
        super().__init__(code, HTTPStatus.BAD_REQUEST)


class TooLongError(DicomWebError):
    """The answer would be longer than is given at once."""

    def __init__(self) -> None:
        super().__init__("answer-too-long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class MediaUnsupportedError(DicomWebError):
    """The body is of a kind that is not taken."""

    def __init__(self) -> None:
        super().__init__("media-unsupported", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def speaks_dicomweb(handler: Handler) -> Handler:
    """Answer what the standard has a status for with that status."""

    @wraps(handler)
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except DicomWebError as error:
            return await answer_error(request, error, told=error.status)

    return handle
