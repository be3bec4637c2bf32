"""What an answer of the server means: for one file, or for the way as a whole."""

from http import HTTPStatus
from typing import Final

from edge.model import Trouble
from edge.web import Answer

_WAITS: Final = frozenset({"uploads-too-many"})
_FULL: Final = frozenset({"quota-full"})
_SHUT: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_OF_THE_FILE: Final = frozenset(
    {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)
_MOVED: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.LOCKED})


class LaterError(Exception):
    """Not this file at this moment; `trouble` where nothing can be sent."""

    def __init__(self, trouble: Trouble | None = None) -> None:
        super().__init__()
        self.trouble = trouble


class RefusedError(Exception):
    """The server will never take this file."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def error_of(answer: Answer) -> LaterError | RefusedError:
    """What an answer means that is not the one hoped for."""
    trouble = Trouble.SERVER_FULL if answer.code in _FULL else trouble_of(answer.status)
    is_client = HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if is_client and not answer.code and trouble is not Trouble.PROXY:
        return LaterError()  # somebody between us and the server: the others go on
    if trouble is not None:
        return LaterError(trouble)
    if answer.status in _MOVED or answer.code in _WAITS:
        return LaterError()
    if answer.status in _OF_THE_FILE:
        return RefusedError(answer.code)
    return LaterError(Trouble.OTHER)  # a wrong address, or a server of another release


def trouble_of(status: int) -> Trouble | None:
    """What an answer says of the way as a whole, rather than of one file."""
    if status in _SHUT:
        return Trouble.TOKEN_REFUSED
    if status == HTTPStatus.INSUFFICIENT_STORAGE:
        return Trouble.SERVER_FULL
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return Trouble.PROXY
    is_away = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
    is_elsewhere = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return Trouble.SERVER_AWAY if is_away or is_elsewhere else None


def offset_of(answer: Answer) -> int | None:
    """How many bytes the server has, where it says so."""
    text = answer.headers.get("upload-offset", "")
    return int(text) if text.isascii() and text.isdigit() else None
