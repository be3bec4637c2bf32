"""Answers in DICOM JSON (PS3.18 8.7.3.2 and annex F)."""

import json
from http import HTTPStatus
from typing import Any, Final

from aiohttp import hdrs, web

from server.dicomweb.errors import NotAcceptableError
from server.dicomweb.negotiation import accepted

DICOM_JSON: Final = "application/dicom+json"
_TAKEN: Final = frozenset({DICOM_JSON, "application/json", "application/*", "*/*"})


def require_json(request: web.Request) -> None:
    """Refuse a client that takes no JSON: the XML of PS3.19 is not offered."""
    if not any(each.media.name in _TAKEN for each in accepted(request)):
        raise NotAcceptableError


def json_answer(
    told: Any, *, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> web.Response:
    """The answer; every account's own, so no cache keeps it."""
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return json_bytes(body, status=status, headers=headers)


def json_bytes(
    body: bytes, *, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> web.Response:
    """The same, from text that is JSON already."""
    return web.Response(
        body=body,
        status=status,
        content_type=DICOM_JSON,
        headers={hdrs.CACHE_CONTROL: "no-store", **(headers or {})},
    )
