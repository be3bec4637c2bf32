"""People in a call who look at a picture together, each at a page of her own."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser

from tests.makers.calls import phase
from tests.makers.image_house import PASSWORD, ImageHouse, open_image_house
from tests.makers.media_house import eventually
from tests.makers.screen import Screen, open_screen
from tests.makers.visitor import Visitor

HOST, EXPERT, PHOTOGRAPHER = "chen", "li", "wu"
_STANDING: Final = """() => {
  const view = document.querySelector("[data-together] .view");
  const frame = view?.querySelector(".view-img");
  const canvas = frame?.querySelector("canvas");
  if (!canvas || canvas.width === 0) return null;
  const box = frame.getBoundingClientRect();
  const at = canvas.getBoundingClientRect();
  const pen = new OffscreenCanvas(16, 16).getContext("2d");
  pen.drawImage(canvas, 0, 0, 16, 16);
  return {
    film: document.querySelector(".look-films [aria-current=true]")?.dataset.film,
    frame: [box.width, box.height],
    place: [at.left - box.left, at.top - box.top, at.width, at.height],
    said: ["mode", "window", "place"].map((part) =>
      view.querySelector(`[data-part=${part}]`)?.textContent ?? ""),
    colours: Array.from(pen.getImageData(0, 0, 16, 16).data),
  };
}"""
_WHOLE: Final = """async () => {
  const loaded = performance.getEntriesByType("resource").map((each) => each.name);
  const of = loaded.filter((each) => each.includes("/frames/")).pop()?.split("/frames/")[0];
  if (of === undefined) return null;
  const answer = await fetch(of, { headers: { Accept: "application/dicom" } });
  const body = await answer.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return [new URL(of).pathname, answer.headers.get("Content-Type"), ...digest];
}"""
_MARKED: Final = """(canvas) => {
  const found = [];
  for (const path of document.querySelectorAll("[data-together] .mark-line")) {
    const box = path.getBoundingClientRect();
    const frame = path.closest(".view-img").getBoundingClientRect();
    found.push({
      id: path.dataset.mark,
      middle: [box.left + box.width / 2 - frame.left, box.top + box.height / 2 - frame.top],
      isMine: path.classList.contains("is-mine"),
    });
  }
  return found;
}"""


@contextmanager
def open_looking_house(place: Path) -> Iterator[ImageHouse]:
    """A house of pictures with video."""
    first = 20_000 + secrets.randbelow(40_000)
    ports = f"{first}-{first + 199}"
    with open_image_house(place, media="true", media_ports=ports) as opened:
        yield opened


@asynccontextmanager
async def signed_in(house: ImageHouse, login: str) -> AsyncIterator[Visitor]:
    """Somebody at the doors, without a page."""
    async with Visitor(house.house.base) as visitor:
        await visitor.sign_in(login, PASSWORD)
        yield visitor


async def call_and_let_in(case_id: str, host: Visitor, guests: dict[str, Visitor]) -> None:
    """The host calls, and lets in everybody by her id who knocks."""
    room = f"/api/cases/{case_id}/room"

    async def is_open() -> bool:
        return (await host.send(room))[0] == 200

    await eventually(is_open)
    for person, guest in guests.items():
        assert (await guest.send(f"{room}/knock"))[0] == 200
        answer = await host.send(f"{room}/answer", {"person_id": person, "admitted": True})
        assert answer[0] == 200, answer


@asynccontextmanager
async def at_the_call(
    browser: Browser,
    house: ImageHouse,
    who: Visitor,
    case_id: str,
    *,
    script: str = "",
    **look: Any,
) -> AsyncIterator[Screen]:
    """Her page, in the call; `script` runs before every page."""
    base = house.house.base.replace("127.0.0.1", "localhost")
    token = next(each.value for each in who.raw.cookie_jar if each.key == "lianzhen")
    async with open_screen(browser, base, **look) as screen:
        await screen.page.context.add_init_script(script)
        await screen.come_as(token)
        await screen.go(f"/cases/{case_id}/room")
        await screen.at('button[data-door="join"]').click()
        await phase(screen, "call")
        yield screen


async def standing(screen: Screen) -> dict[str, Any] | None:
    """Which picture stands on a page, where its edges are in its frame, and how it looks."""
    found: dict[str, Any] | None = await screen.page.evaluate(_STANDING)
    return found


async def whole(screen: Screen) -> list[str | int] | None:
    """The object of the picture that the page loaded last: its path, its type, its SHA-256."""
    found: list[str | int] | None = await screen.page.evaluate(_WHOLE)
    return found


async def marked(screen: Screen) -> list[dict[str, Any]]:
    """Hands and lines on the picture, with their middles in the frame's pixels."""
    found: list[dict[str, Any]] = await screen.page.evaluate(_MARKED)
    return found


def is_same(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """The same picture, with the same words and colours, within a pixel in frames of one size."""
    if one is None or other is None or one["frame"] != other["frame"]:
        return False
    edges = zip(one["place"], other["place"], strict=True)
    colours = zip(one["colours"], other["colours"], strict=True)
    return (
        (one["film"], one["said"]) == (other["film"], other["said"])
        and all(abs(here - there) <= 1 for here, there in edges)
        and all(abs(here - there) <= 2 for here, there in colours)
    )


async def see_the_same(one: Screen, *others: Screen) -> dict[str, Any]:
    """Wait until everybody sees the same; what that is."""

    async def has_come() -> dict[str, Any] | None:
        first = await standing(one)
        same = [is_same(first, await standing(other)) for other in others]
        return first if all(same) else None

    seen: dict[str, Any] = await eventually(has_come)
    return seen


async def middle_of(screen: Screen) -> tuple[float, float]:
    """The middle of the picture's frame, in the page's pixels."""
    box = await screen.at("[data-together] .view-img").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
