"""A second `make run`: how soon an installed server on a seeded folder shows its first page.

python -m benchmarks.second_start [--times 5]

Measured is what `make run` does once all is installed: `seed --once`, which finds the demonstration
there, then `serve`, until the sign-in page has come whole. What make itself looks at is not in it.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.load import Row, report
from tests.makers.databases import free_port

ROOT = Path(__file__).resolve().parent.parent
MOST_S = 5.0
_GIVEN_UP_S = 120.0
_ASKED_EVERY_S = 0.02


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        seed(data_dir)
        seconds = sorted(first_page_s(data_dir) for _ in range(chosen.times))
    middle, most = seconds[len(seconds) // 2], seconds[-1]
    told = f"p50 {middle:.2f} s, most {most:.2f} s"
    report(
        "a second start on the seeded folder",
        [Row(f"first page, {chosen.times} starts", told, f"all ≤ {MOST_S:.0f} s", most <= MOST_S)],
    )


def seed(data_dir: Path) -> None:
    """The demonstration, as the Makefile asks for it; the second time there is nothing to do."""
    command = [sys.executable, "-m", "server", "seed", "config/demo.toml", "--once"]
    subprocess.run(
        [*command, "--data-dir", str(data_dir)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )


def first_page_s(data_dir: Path) -> float:
    """Seconds from the command to the first whole page."""
    port, begun = free_port(), time.monotonic()
    seed(data_dir)
    command = [sys.executable, "-m", "server", "serve", "--data-dir", str(data_dir)]
    command += ["--log-format", "text"]
    with (data_dir / "server.log").open("ab") as log:
        serving = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "LIANZHEN_PORT": str(port)},
            stdout=log,
            stderr=log,
        )
    try:
        wait_for_page(f"http://127.0.0.1:{port}/sign-in", until=begun + _GIVEN_UP_S)
        return time.monotonic() - begun
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(timeout=_GIVEN_UP_S)


def wait_for_page(address: str, *, until: float) -> None:
    """Ask until the page has come; raises TimeoutError when it never does."""
    while time.monotonic() < until:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
                if b"</html>" in answer.read():
                    return
        time.sleep(_ASKED_EVERY_S)
    raise TimeoutError(address)


if __name__ == "__main__":
    main()
