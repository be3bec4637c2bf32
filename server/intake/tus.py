"""The tus protocol 1.0.0 as headers: version, offsets, lengths, metadata (tus.io)."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import wraps
from http import HTTPStatus
from typing import Final

from aiohttp import web

from consult.kernel.errors import ConsultError, RefusedError
from consult.kernel.ids import is_id
from consult.studies.deliveries.model import NewDelivery
from consult.studies.uploads.errors import UploadTooLargeError
from consult.studies.uploads.model import Upload
from server.errors import answer_error
from server.intake.spool import SpoolFullError, UploadBusyError

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,expiration,termination"
PIECE_TYPE: Final = "application/offset+octet-stream"
OVERRIDE: Final = "X-HTTP-Method-Override"
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_LONGEST_METADATA: Final = 4096
_UNREADABLE: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
_OVERRIDES: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_LONGEST_AGO_MS: Final = 10 * 366 * 86_400_000
_LATEST_MS: Final = 4_102_444_800_000  # the year 2100

Handler = Callable[[web.Request], Awaitable[web.Response]]


class TusRefusedError(RefusedError):
    """A header of the protocol is missing or makes no sense."""

    def __init__(self, code: str, status: HTTPStatus) -> None:
        super().__init__(code)
        self.status = status


def speaks_tus(handler: Handler) -> Handler:
    """Check the version, and answer failures with the status that the protocol gives them."""

    @wraps(handler)
    async def handle(request: web.Request) -> web.Response:
        try:
            if request.headers.get("Tus-Resumable") != VERSION:
                raise TusRefusedError("tus-version", HTTPStatus.PRECONDITION_FAILED)
            response = await handler(request)
        except ConsultError as error:
            answered = await answer_error(request, error, told=_status_of(error))
            response = answered if isinstance(answered, web.Response) else web.Response()
        response.headers["Tus-Resumable"] = VERSION
        response.headers["Tus-Version"] = VERSION
        return response

    return handle


def _status_of(error: ConsultError) -> HTTPStatus | None:
    """The status that the protocol gives a failure; None where it gives none."""
    match error:
        case TusRefusedError():
            return error.status
        case UploadTooLargeError():
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        case SpoolFullError():
            return HTTPStatus.INSUFFICIENT_STORAGE
        case UploadBusyError():
            return HTTPStatus.LOCKED
        case _:
            return None


def number_in(request: web.Request, header: str) -> int:
    """A header that holds a whole number."""
    text = request.headers.get(header, "")
    if _NUMBER.fullmatch(text) is None:
        raise TusRefusedError("tus-header-malformed", HTTPStatus.BAD_REQUEST)
    return int(text)


def require_piece(request: web.Request) -> None:
    """Whether the body is a piece of a file."""
    if request.content_type != PIECE_TYPE:
        raise TusRefusedError("tus-piece-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if "Content-Encoding" in request.headers:
        raise TusRefusedError("tus-piece-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def parse_metadata(header: str) -> Mapping[str, str]:
    """Upload-Metadata: names, each with a value in base64; what is no text becomes harmless."""
    if len(header) > _LONGEST_METADATA:
        raise TusRefusedError("tus-header-malformed", HTTPStatus.BAD_REQUEST)
    found: dict[str, str] = {}
    for pair in header.split(","):
        name, _, coded = pair.strip().partition(" ")
        try:
            raw = base64.b64decode(coded.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise TusRefusedError("tus-header-malformed", HTTPStatus.BAD_REQUEST) from None
        if name:
            found[name] = raw.decode("utf-8", "replace")
    return found


def parse_delivery(told: Mapping[str, str], *, size_bytes: int, now: datetime) -> NewDelivery:
    """What a camera's computer says of a file; it tells ages, since its clock may be wrong."""
    spool_id = told.get("spool_id", "")
    seen_ms = told.get("seen_ms_ago", "")
    if not is_id(spool_id) or _NUMBER.fullmatch(seen_ms) is None:
        raise TusRefusedError("tus-header-malformed", HTTPStatus.BAD_REQUEST)
    written_ms = told.get("written_ms_ago", "")
    return NewDelivery(
        spool_id=spool_id,
        size_bytes=size_bytes,
        file_name=plain_name(told.get("filename", "")),
        modified_at=parse_modified(told.get("last_modified")),
        seen_at=_ago(seen_ms, now),
        written_at=_ago(written_ms, now) if _NUMBER.fullmatch(written_ms) else None,
    )


def _ago(milliseconds: str, now: datetime) -> datetime:
    return now - timedelta(milliseconds=min(int(milliseconds), _LONGEST_AGO_MS))


def plain_name(text: str) -> str:
    """A file name that can be shown: no path, no control, override or surrogate letters."""
    last = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    letters = [letter for letter in unicodedata.normalize("NFC", last) if _is_readable(letter)]
    return "".join(letters).strip()


def _is_readable(letter: str) -> bool:
    bidi = unicodedata.bidirectional(letter)
    return unicodedata.category(letter) not in _UNREADABLE and bidi not in _OVERRIDES


def parse_modified(text: str | None) -> datetime | None:
    """The file's own time in milliseconds, as browsers tell it; nonsense counts as none."""
    if text is None or _NUMBER.fullmatch(text) is None or not 0 < int(text) < _LATEST_MS:
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def offset_headers(upload: Upload) -> dict[str, str]:
    """Where an upload stands, and until when it is kept."""
    return {
        "Upload-Offset": str(upload.offset_bytes),
        "Upload-Length": str(upload.size_bytes),
        "Upload-Expires": format_datetime(upload.expires_at.astimezone(UTC), usegmt=True),
    }
