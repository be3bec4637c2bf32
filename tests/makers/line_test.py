"""The page of the connection test, run in a real browser with devices that are made up."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from playwright.async_api import Browser, Page, async_playwright

from tests.makers.browsers import chromium_path

_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--use-fake-device-for-media-stream=fps=30", "--disable-background-timer-throttling"),
    *("--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"),
    *("--disable-features=WebRtcHideLocalIpsWithMdns", "--allow-loopback-in-peer-connection"),
)
_LONGEST_MS = 150_000
_READ = """() => Object.fromEntries([...document.querySelectorAll("[data-step]")].map((step) => [
  step.dataset.step,
  step.querySelector(`[data-outcome="${step.dataset.came}"]:not([hidden])`)
    ? step.dataset.came : `unsaid ${step.dataset.came}`]))"""
_STATES = """() => Object.fromEntries([...document.querySelectorAll("[data-step]")].map((step) => [
  step.dataset.step, step.dataset.now]))"""


@dataclass(frozen=True)
class LineTest:
    """What the page said in the end."""

    outcomes: dict[str, str]
    states: dict[str, str]
    verdict: str
    sentence: str
    text: str

    @property
    def failed(self) -> list[str]:
        """The steps that the page calls failed, in its order."""
        return [step for step, state in self.states.items() if state == "failed"]


@contextlib.asynccontextmanager
async def open_speaking_browser(
    *more: str, grants: bool = True, program: str = ""
) -> AsyncIterator[Browser]:
    """A browser with a camera and a microphone; without `grants` it is asked and refuses."""
    answers = "--use-fake-ui-for-media-stream" if grants else "--deny-permission-prompts"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program or chromium_path(), args=[*_FLAGS, answers, *more]
        )
        try:
            yield browser
        finally:
            await browser.close()


async def run_line_test(page: Page, base: str) -> LineTest:
    """Press the button and wait for the verdict."""
    await page.goto(f"{base}/connection", wait_until="load")
    await page.click('[data-connection-target="begin"]')
    verdict = page.locator("[data-verdict]:not([hidden])")
    await verdict.wait_for(timeout=_LONGEST_MS)
    copy = page.locator('[data-connection-target="copy"]')
    await copy.wait_for()
    return LineTest(
        outcomes=await page.evaluate(_READ),
        states=await page.evaluate(_STATES),
        verdict=await verdict.get_attribute("data-verdict") or "",
        sentence=await verdict.inner_text(),
        text=await copy.get_attribute("data-copy-text-value") or "",
    )
