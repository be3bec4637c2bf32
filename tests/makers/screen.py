"""One person's browser: a page that is driven by what stands on it, and all its complaints."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    Response,
)

ROOT = Path(__file__).resolve().parent.parent.parent
SHOTS = ROOT / "test-artifacts" / "shots"
FLOOR = "109"
DESKTOP, NARROW, PHONE = (1366, 600), (1093, 480), (390, 844)
_LOCALES = {"zh": "zh-CN", "en": "en-GB"}
_OURS = {"zh": "zh-Hans", "en": "en"}
_LEFT_BEHIND = "net::ERR_ABORTED"  # the page went on before the answer came
_SLOW_MS = 60_000  # what everybody waits for, on a machine that has other things to do
_TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error("policy", event.violatedDirective, event.blockedURI));"""
_RUN_AXE = """() => window.axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"],
}).then(({ violations }) => violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .map(({ id, nodes }) => id + ": " + nodes.slice(0, 4).map(({ html, any }) =>
    html.slice(0, 160) + " (" + any.map(({ message }) => message).join("; ").slice(0, 160) + ")"
  ).join(" | ")))"""
_WIDER = """() => [document.scrollingElement, ...document.querySelectorAll(".page, main")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1)
  .map((box) => (box.id || box.className || box.tagName) + " " + box.scrollWidth
    + " in " + box.clientWidth)"""


@dataclass
class Screen:
    """A browser window, in one language and size."""

    page: Page
    base: str
    language: str
    size: tuple[int, int]
    complaints: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    awaited: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Language and size, as they stand in the names of pictures."""
        return f"{self.language}-{self.size[0]}x{self.size[1]}"

    @property
    def is_floor(self) -> bool:
        """Whether this is the oldest browser that we promise."""
        browser = self.page.context.browser
        return browser is not None and browser.version.split(".")[0] == FLOOR

    @property
    def path(self) -> str:
        """Where the browser is, below the server's prefix."""
        return urlsplit(self.page.url).path.removeprefix(urlsplit(self.base).path)

    def say(self, zh: str, en: str) -> str:
        """The sentence in the language of this browser."""
        return zh if self.language == "zh" else en

    async def go(self, path: str) -> None:
        """Open a page of ours by its address."""
        await self.page.goto(self.base + path, wait_until="load")

    async def come_as(self, token: str) -> None:
        """Be signed in already, as somebody whose session is known."""
        await self.page.context.add_cookies(
            [{"name": "lianzhen", "value": token, "url": self.base}]
        )

    def at(self, selector: str, **wanted: Any) -> Locator:
        """What stands there."""
        return self.page.locator(selector, **wanted)

    def form(self, url: str) -> Locator:
        """The form that sends there."""
        return self.page.locator(f'form[data-form-url-value="{url}"]')

    async def fill(
        self, form: Locator, values: Mapping[str, str | Sequence[str]], *, clear: bool = True
    ) -> None:
        """Fill a form in by the names of its controls, as a hand would: lines, choices, ticks."""
        for name, value in values.items():
            control = form.locator(f'[name="{name}"]').first
            kind = await control.evaluate("(it) => it.type || it.tagName")
            if kind in {"radio", "checkbox"}:
                for each in [value] if isinstance(value, str) else value:
                    await form.locator(f'label:has([name="{name}"][value="{each}"])').click()
            elif kind == "select-one":
                await control.select_option(value)
            else:
                await control.fill(str(value)) if clear else await control.press_sequentially(
                    str(value)
                )

    async def press(self, button: Locator) -> None:
        """Press a button after which another page (or the same one anew) stands there."""
        async with self.page.expect_event("load", timeout=_SLOW_MS):
            await button.click()

    async def submit(self, form: Locator, values: Mapping[str, str | Sequence[str]]) -> None:
        """Fill a form in and send it."""
        await self.fill(form, values)
        await self.press(await self.button_of(form))

    async def button_of(self, form: Locator) -> Locator:
        """The button that sends a form: in it, or in the dock below the page."""
        inside = form.locator("button[type=submit]")
        if await inside.count():
            return inside.first
        name = await form.get_attribute("id")
        return self.at(f'button.btn-main[form="{name}"]')

    @contextlib.asynccontextmanager
    async def refused(self, status: int, path: str = "/api/") -> AsyncIterator[None]:
        """A step that the server refuses; the browser notes that on its console, and may."""
        self.awaited.append(f"{status} ")

        def is_it(answer: Response) -> bool:
            return answer.status == status and path in answer.url

        async with self.page.expect_response(is_it, timeout=_SLOW_MS):
            yield

    async def problems(self) -> list[str]:
        """The refusals that the page shows now."""
        shown = self.page.locator("[data-problem]:visible")
        await shown.first.wait_for()
        return await shown.all_inner_texts()

    async def assert_said(self, zh: str, en: str) -> None:
        """The page says it among its refusals, in its own language."""
        said = " ".join(await self.problems())
        assert self.say(zh, en) in said, said

    async def shoot(self, name: str) -> None:
        """Keep a picture of the window."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{self.name}-{name}.png", animations="disabled")

    async def resize(self, size: tuple[int, int]) -> None:
        """Another window."""
        self.size = size
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})

    async def find_barriers(self) -> list[str]:
        """What axe-core calls serious or critical on this page."""
        if not await self.page.evaluate("() => 'axe' in window"):
            await self.page.evaluate(_axe())
        return list(await self.page.evaluate(_RUN_AXE))

    async def find_overflow(self) -> list[str]:
        """The parts of the page that would scroll sideways."""
        return list(await self.page.evaluate(_WIDER))

    async def assert_accessible(self) -> None:
        """Nobody is kept out."""
        barriers = await self.find_barriers()
        assert barriers == [], f"{self.path}: {barriers}"

    def assert_quiet(self) -> None:
        """No error on the console, no failed request, no breach of the policy; refusals as told."""
        assert self.complaints == [], self.complaints
        surprises = list(self.refusals)
        for status in self.awaited:
            found = next((each for each in surprises if each.startswith(status)), None)
            if found is not None:
                surprises.remove(found)
        assert surprises == [], surprises

    def listen(self) -> None:
        """Hear every complaint of the page from now on."""
        self.page.on("console", self._hear_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("requestfailed", self._hear_failure)
        self.page.on("response", self._hear_response)

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if message.text.startswith("Failed to load resource: the server responded"):
            return  # the response itself is judged
        self.complaints.append(f"{self.path}: {message.text} ({message.location.get('url')})")

    def _hear_failure(self, request: Request) -> None:
        if request.failure != _LEFT_BEHIND:
            self.complaints.append(f"{self.path}: {request.failure} {request.url}")

    def _hear_response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{self.path}: {response.status} {response.url}")
        elif response.status >= 400:
            path = urlsplit(response.url).path
            self.refusals.append(f"{response.status} {response.request.method} {path}")


@cache
def _axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@contextlib.asynccontextmanager
async def open_screen(
    browser: Browser,
    base: str,
    *,
    language: str = "zh",
    size: tuple[int, int] = DESKTOP,
    trusts_anybody: bool = False,
) -> AsyncIterator[Screen]:
    """A browser profile of its own; what it complained about is judged when it closes."""
    options: dict[str, Any] = {
        "locale": _LOCALES[language],
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": size[0], "height": size[1]},
        "ignore_https_errors": trusts_anybody,
    }
    context = await browser.new_context(**options)
    context.set_default_timeout(_SLOW_MS)
    await context.add_init_script(_TELL_VIOLATIONS)
    choice = {"name": "lianzhen_lang", "value": _OURS[language], "url": base}
    await context.add_cookies([choice])
    screen = Screen(await context.new_page(), base, language, size)
    screen.listen()
    try:
        yield screen
        screen.assert_quiet()
    except BaseException:
        with contextlib.suppress(Error):
            await screen.shoot(f"failed-{screen.path.strip('/').replace('/', '-')[:40]}")
        raise
    finally:
        await context.close()
