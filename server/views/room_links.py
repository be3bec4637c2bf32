"""Links into a room as JSON: the address and its QR code once, the list without either."""

from typing import Any

from aiohttp import web
from pydantic import BaseModel

from consult.kernel.work import Work
from consult.rooms.links import ahead
from consult.rooms.links import service as links
from consult.rooms.links.model import Link
from consult.rooms.rights import Talks
from server.auth.peer import is_secure
from server.keys import SETTINGS
from server.pdf.qr import make_qr
from server.prefix import PREFIX


class LinkAnswer(BaseModel):
    """One link as it stands: who came by it is told by what the identity step gave."""

    id: str
    for_whom: str
    expires_at: str
    is_used: bool
    is_revoked: bool
    identity: str | None


class LinksAnswer(BaseModel):
    """The links of guests into the open room, or for a booked session."""

    links: list[LinkAnswer]


class MadeAnswer(BaseModel):
    """A link that was made now; `qr_path` draws its QR code in a square of `qr_size`."""

    link: LinkAnswer
    address: str
    qr_size: int
    qr_path: str


def links_as_json(work: Work, case_id: str, *, talks: Talks) -> dict[str, Any]:
    """The links into the open room of a case."""
    found = links.list_links(work, case_id, talks=talks)
    return LinksAnswer(links=[_link(each) for each in found]).model_dump()


def session_links_as_json(work: Work, *, case_id: str, session_id: str) -> dict[str, Any]:
    """The links for a booked session, before its room is there."""
    found = ahead.list_links(work, case_id=case_id, session_id=session_id)
    return LinksAnswer(links=[_link(each) for each in found]).model_dump()


def made_as_json(link: Link, address: str) -> dict[str, Any]:
    """A link with its address."""
    code = make_qr(address)
    return MadeAnswer(
        link=_link(link), address=address, qr_size=code.size, qr_path=code.path
    ).model_dump()


def address_of(request: web.Request, token: str) -> str:
    """How this server is reached from outside, as its operator or this browser says."""
    scheme = "https" if is_secure(request) else "http"
    said = request.app[SETTINGS].public_url or f"{scheme}://{request.host}"
    base = said.rstrip("/").removesuffix(request.app[PREFIX].text)
    return base + request.app[PREFIX].address(f"/join/{token}")


def _link(link: Link) -> LinkAnswer:
    return LinkAnswer(
        id=link.id,
        for_whom=link.for_whom.value,
        expires_at=link.expires_at.isoformat(),
        is_used=link.used_at is not None,
        is_revoked=link.revoked_at is not None,
        identity=None if link.identity is None else link.identity.value,
    )
