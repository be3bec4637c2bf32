"""How many bytes a page costs on the line: what Chromium itself counts, headers included."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import CDPSession, Page

FIRST_BYTES, AGAIN_BYTES = 300_000, 50_000
_PATIENCE_S = 60
_STREAMS = {"EventSource", "WebSocket", "Ping"}
_WORKER = "/events_worker-"  # Chromium tells the worker, and not the page, that its script has come
_STANDS = """() => document.readyState === "complete"
  && [...document.querySelectorAll("[data-controller~=chart]")]
    .every((it) => it.querySelector("canvas"))"""


@dataclass
class Scales:
    """Counts what comes for one page; streams that stay open are left out, and so is a worker."""

    page: Page
    line: CDPSession
    open_: dict[str, str] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)

    async def weigh(self, address: str, *, is_first: bool) -> tuple[int, dict[str, int]]:
        """The bytes of a load, and of each address; the first one finds nothing kept."""
        if is_first:
            await self.line.send("Network.clearBrowserCache")
        self.open_.clear()
        self.weights.clear()
        await self.page.goto(address, wait_until="load")
        await self.page.wait_for_function(_STANDS)
        until = time.monotonic() + _PATIENCE_S
        while self.open_:
            assert time.monotonic() < until, f"never came: {sorted(self.open_.values())}"
            await asyncio.sleep(0.05)
        each = {self.urls[key]: int(weight) for key, weight in self.weights.items()}
        return sum(map(int, self.weights.values())), each

    def begin(self, told: dict[str, Any]) -> None:
        """A request goes out."""
        key = told["requestId"]
        self.urls[key] = told["request"]["url"]
        is_page = self.urls[key].startswith("http") and _WORKER not in self.urls[key]
        if is_page and told.get("type") not in _STREAMS:
            self.open_[key] = self.urls[key]

    def end(self, told: dict[str, Any]) -> None:
        """Its answer has come whole, or never will."""
        key = told["requestId"]
        if self.open_.pop(key, None) is not None:
            self.weights[key] = told.get("encodedDataLength", 0)


async def open_scales(page: Page) -> Scales:
    """Scales before this page."""
    line = await page.context.new_cdp_session(page)
    scales = Scales(page, line)
    line.on("Network.requestWillBeSent", scales.begin)
    line.on("Network.loadingFinished", scales.end)
    line.on("Network.loadingFailed", scales.end)
    await line.send("Network.enable")
    return scales
