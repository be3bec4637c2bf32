"""Real Chromium for tests: this machine's own, and the oldest that we promise (Chromium 109)."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from playwright.async_api import Browser, BrowserContext, async_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
_PACKED = ROOT / "node_modules" / "@sparticuz" / "chromium" / "bin"
_UNPACKED = ROOT / "node_modules" / ".cache" / "chromium-109"
_UNPACK_S = 120
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
)
_FLOOR = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--headless")
# the package holds its files in brotli, which Python does not read and Node does
_OPEN_BROTLI = """
const { createReadStream, createWriteStream } = require("node:fs");
const { createBrotliDecompress } = require("node:zlib");
const { pipeline } = require("node:stream/promises");
const [from, to] = process.argv.slice(1);
pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
"""


def chromium_path() -> str:
    """The Chromium of `CHROMIUM`, else Debian's."""
    return os.environ.get("CHROMIUM", "/usr/bin/chromium")


@contextlib.asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    """The Chromium of this machine."""
    path = chromium_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def open_profile(folder: Path, **options: Any) -> AsyncIterator[BrowserContext]:
    """The Chromium of this machine with a profile that outlives it in this folder."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium_path(), args=list(_QUIET), **options
        )
        try:
            yield context
        finally:
            await context.close()


@contextlib.asynccontextmanager
async def open_floor_chromium(*more: str) -> AsyncIterator[Browser]:
    """Chromium 109, the last for Windows 7 (U9), with these flags as well."""
    path, flags = unpack_floor_chromium(), [*_FLOOR, *more]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            await browser.close()


def unpack_floor_chromium() -> Path:
    """Chromium 109 from its package, unpacked once, even by two test processes."""
    program = _UNPACKED / "chromium"
    if program.exists():
        return program
    _UNPACKED.parent.mkdir(exist_ok=True)
    folder = Path(mkdtemp(prefix="chromium-109-", dir=_UNPACKED.parent))
    _unpack("chromium.br", folder / "chromium")
    (folder / "chromium").chmod(0o755)
    _unpack("swiftshader.tar.br", folder / "swiftshader.tar")
    _run("tar", "-xf", str(folder / "swiftshader.tar"), "-C", str(folder))
    try:
        folder.rename(_UNPACKED)
    except OSError:  # the other process was first, and a full folder is not replaced
        shutil.rmtree(folder)
    return program


def _unpack(name: str, target: Path) -> None:
    _run("node", "-e", _OPEN_BROTLI, str(_PACKED / name), str(target))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=_UNPACK_S)
