"""What arrives over a far line that loses, beside Janus: `python -m benchmarks.media.far`.

Two Chromium, each in a network namespace of its own, with the same page on both servers: Janus
stands behind the same `Room`. One clinic's line takes its time and loses by chance, both ways.
"""

import argparse
import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.load import Row, report
from tests.makers.far_browsers import FarPage, meeting_of_browsers
from tests.makers.far_line import open_far_line
from tests.makers.janus import open_janus
from tests.makers.media_house import eventually, open_media
from tests.makers.media_networks import MediaNetwork, open_media_network

DELAY_MS, PERCENT, MEASURED_S = 50, 5, 25
_BARS = {"frozen s": 2.0, "sound lost %": 0.5}
_SIZE = {"width": 1280, "height": 720, "frameRate": 20}
_PORTS = range(20_000, 21_000)


@contextlib.asynccontextmanager
async def call(engine: str, folder: Path) -> AsyncIterator[tuple[MediaNetwork, list[FarPage]]]:
    """Two who see and hear each other, by our engine or by Janus."""
    with contextlib.ExitStack() as stack:
        network = stack.enter_context(open_media_network(folder))
        inside, address = network.inside(network.hospital), network.media_address
        told = {"media_address": address}
        if engine == "janus":
            place = {"address": address, "ports": _PORTS, "inside": inside}
            told["media_janus"] = str(stack.enter_context(open_janus(folder / "janus", **place)))
        async with open_media(folder / "house", inside=inside, **told) as media:
            async with meeting_of_browsers(network, media, "ann", "bob", size=_SIZE) as pages:
                for page in pages:
                    await eventually(page.sees_and_hears, within_s=120)
                yield network, pages


async def measure(engine: str) -> list[dict[str, float]]:
    """What each of the two pages had."""
    with tempfile.TemporaryDirectory() as folder:
        async with call(engine, Path(folder)) as (network, pages):
            with open_far_line(network, delay_ms=DELAY_MS, percent=PERCENT):
                await asyncio.sleep(2)
                before = [await page.counted() for page in pages]
                await asyncio.sleep(MEASURED_S)
                after = [await page.counted() for page in pages]
    return [
        {
            "pictures a s": (then["video"] - first["video"]) / MEASURED_S,
            "frozen s": then["frozen_s"] - first["frozen_s"],
            "sound lost %": 100
            * (then["lost"] - first["lost"])
            / max(then["audio"] - first["audio"] + then["lost"] - first["lost"], 1),
            "sound made up %": 100
            * (then["concealed"] - first["concealed"])
            / max(then["samples"] - first["samples"], 1),
            "width": then["width"],
        }
        for first, then in zip(before, after, strict=True)
    ]


async def main() -> None:
    """Both, in turns, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=2)
    times = parser.parse_args().times
    found: dict[str, list[dict[str, float]]] = {"ours": [], "janus": []}
    for _ in range(times):
        for engine, pages in found.items():
            pages.extend(await measure(engine))
    rows = []
    for name in found["ours"][0]:
        ours, theirs = (sorted(each[name] for each in found[who]) for who in ("ours", "janus"))
        told = f"{_between(ours)} · {_between(theirs)}"
        row = Row(f"{name} (ours · Janus)", told)
        if name in _BARS:
            held = ours[-1] <= _BARS[name] and sum(ours) <= sum(theirs)
            row = Row(row.what, told, f"≤ {_BARS[name]}, and ≤ Janus", held)
        rows.append(row)
    report(f"5 % lost each way, 100 ms there and back, {MEASURED_S} s", rows)


def _between(values: list[float]) -> str:
    return f"{sum(values) / len(values):.1f} ({values[0]:.1f} to {values[-1]:.1f})"


if __name__ == "__main__":
    asyncio.run(main())
