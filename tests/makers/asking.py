"""How a door is asked: its path, query, headers and body, about things of the world."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import aiohttp
from yarl import URL

from server.doors import Door
from tests.makers.bodies import Example
from tests.makers.world_people import Person

_PARAMETER = re.compile(r"{(\w+)(?::[^}]+)?}")
_THING_OF = {
    "institution": "institution_code",
    "study": "study_uid",
    "series": "series_uid",
    "instance": "sop_uid",
}
_TUS = {"Tus-Resumable": "1.0.0"}
_PIECE = _TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
_HEADERS: Mapping[str, Mapping[str, str]] = {
    "uploads.create": _TUS | {"Upload-Length": "4"},
    "uploads.tell_offset": _TUS,
    "uploads.receive": _PIECE,
    "uploads.end": _TUS,
    "uploads.act_by_override": _PIECE | {"X-HTTP-Method-Override": "PATCH"},
}
_QUERY: Mapping[str, Mapping[str, str]] = {
    "cases.new": {"patient": "patient"},
    "agreements.show_all": {"consortium": "consortium"},
    "panels.show_all": {"at": "institution"},
    "directory.panels": {"service_type": "service_type"},
    "events.since": {"position": "position"},
    "slots.list_slots": {"from": "today", "until": "today"},
    "dossiers.export": {"reason": "export_reason"},
    "dossiers.original": {"reason": "export_reason"},
    "documents.take": {"reason": "export_reason"},
    "marks_out.take": {"reason": "export_reason"},
    "playback.download": {"reason": "export_reason"},
    "joined.download": {"reason": "export_reason"},
    "mixed.download": {"reason": "export_reason"},
    "reports.download": {"lang": "tongue"},
}
_MORE: Mapping[str, Mapping[str, str]] = {
    "case_images.move": {"to_case_id": "other_draft"},
    "desk.outcome": {"diagnosis": "text", "findings": "text", "advice": "text"},
}
"""Fields that a door needs although its schema does not say so."""
_STREAMS = {"events.follow"}
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass(frozen=True)
class Asked:
    """One request, ready to be sent."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    is_stream: bool = False


@dataclass(frozen=True)
class Answered:
    """What came back; a stream's body is not waited for."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The refusal's code, where there is one."""
        found = re.search(rb'"code": ?"([a-z-]+)"', self.body)
        return found.group(1).decode() if found else ""


def parameters_of(door: Door) -> list[str]:
    """Which things stand in the door's path."""
    return [_thing_of(name) for name in _PARAMETER.findall(door.path)]


def make_question(door: Door, things: Mapping[str, str], **changes: Any) -> Asked:
    """The least request that the door understands, about these things."""
    path = _PARAMETER.sub(lambda found: _thing(things, _thing_of(found[1])), door.path)
    headers = dict(_HEADERS.get(door.name, {}))
    if door.name == "uploads.create":
        headers["Upload-Metadata"] = _metadata(case_id=things["draft"], filename="OD.jpg")
    query = {name: things[thing] for name, thing in _QUERY.get(door.name, {}).items()}
    body = Example(door.body, things).body() if door.body is not None else None
    if door.body is None and door.method == "POST" and not headers:
        body = {}
    if body is not None:
        body |= {name: things[thing] for name, thing in _MORE.get(door.name, {}).items()} | changes
    return Asked(door.method, path, headers, query, body, door.name in _STREAMS)


async def ask(
    session: aiohttp.ClientSession, asked: Asked, *, person: Person | None, language: str = "en"
) -> Answered:
    """Send it as this person's browser would, or as nobody's."""
    headers = dict(asked.headers)
    data = None
    if asked.json is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(asked.json).encode()
    return await ask_raw(
        session,
        asked.method,
        asked.path,
        person=person,
        headers=headers,
        query=asked.query,
        data=data,
        language=language,
        is_stream=asked.is_stream,
    )


async def ask_raw(
    session: aiohttp.ClientSession,
    method: str,
    path: str,
    *,
    person: Person | None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    data: bytes | None = None,
    language: str = "en",
    is_stream: bool = False,
) -> Answered:
    """Send any bytes in this person's name; the path goes out as it is written."""
    cookies = {"lianzhen_lang": language} | ({} if person is None else person.cookies)
    told = {"Accept": "text/html, application/json, */*", **(headers or {})}
    if method in UNSAFE:
        told["Origin"] = str(session._base_url).rstrip("/")  # noqa: SLF001 - as a browser does
        told["X-CSRF-Token"] = "" if person is None else person.csrf
    told["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    url = session._base_url.join(URL(path, encoded=True)).update_query(query or {})  # noqa: SLF001 - as above
    sent = session.request(method, url, headers=told, data=data, allow_redirects=False)
    async with sent as answer:
        waits = is_stream and answer.status == HTTPStatus.OK
        body = b"" if waits else await answer.read()
        return Answered(answer.status, dict(answer.headers), body)


def open_client(base: str, *, at_once: int = 16) -> aiohttp.ClientSession:
    """A client without memory: each request says itself who asks."""
    return aiohttp.ClientSession(
        base,
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=at_once),
        timeout=aiohttp.ClientTimeout(total=60),
    )


def _thing_of(parameter: str) -> str:
    return _THING_OF.get(parameter, parameter.removesuffix("_id"))


def _thing(things: Mapping[str, str], name: str) -> str:
    return things.get(name) or uuid4().hex


def _metadata(**told: str) -> str:
    return ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items()
    )
