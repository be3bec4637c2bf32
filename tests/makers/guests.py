"""People without an account: a link that a doctor makes, who they say they are, their own line."""

from typing import Any, Final, cast

import aiohttp

from server.media.asking import MediaDesk
from tests.makers.light_peer import LightPeer
from tests.makers.room_visitors import WebDoor, WebLine, WebPeer
from tests.makers.screen import Screen
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse

IDENTITY: Final = "/api/join/identity"
ROOM: Final = "/api/join/room"


async def patient_of(visitor: Visitor, house: WorldHouse) -> tuple[str, str]:
    """The name and the last four of the patient of the world's case."""
    status, told = await visitor.get(f"/api/patients/{house.world.things['patient']}")
    assert status == 200, told
    return str(told["name"]), str(told["document_number"])[-4:]


async def make_in_page(screen: Screen, for_whom: str) -> str:
    """A link, made in the page of the call; the path that stands there once."""
    menu = screen.at(".call-devices:has(#invite-for)")
    await menu.locator("summary").click()
    await menu.locator("#invite-for").select_option(for_whom)
    await menu.locator('[data-action="invite#make"]').click()
    return await shown_in(menu)


async def shown_in(menu: Any) -> str:
    """The path of the link that a menu shows once."""
    address = menu.locator("[data-invite-target=address]")
    await address.wait_for(state="visible")
    text = str(await address.inner_text()).strip()
    return text[text.index("/join/") :]


async def make_by_door(visitor: Visitor, case_id: str, for_whom: str | None) -> tuple[str, str]:
    """A link and its token: for a guest, or for one's own telephone."""
    url = f"/api/cases/{case_id}/room/" + ("companion" if for_whom is None else "links")
    status, told = await visitor.send(url, {} if for_whom is None else {"for_whom": for_whom})
    assert status == 200, told
    return str(told["link"]["id"]), str(told["address"]).rpartition("/")[2]


async def use(visitor: Visitor, token: str) -> int:
    """Press the button; the status of the answer."""
    status, _told = await visitor.send("/api/join", {"token": token})
    return status


async def guest_line(visitor: Visitor) -> aiohttp.ClientWebSocketResponse:
    """The bare WebSocket of whoever used a link with this browser."""
    headers = {"Origin": visitor.base}
    return await visitor.raw.ws_connect(f"{ROOM}/line", headers=headers)


class GuestDoor(WebDoor):
    """Where a guest's peer finds its line."""

    async def join(self, _room: str, _token: str) -> WebLine:
        """The line of the browser that used a link; raises where there is none."""
        self.line = WebLine(await guest_line(self.visitor))
        return self.line


class GuestPeer(WebPeer):
    """A participant who came by a link."""

    def __init__(self, visitor: Visitor) -> None:
        self.door = GuestDoor(visitor, "", "")
        LightPeer.__init__(self, cast("MediaDesk", self.door), "", "")
