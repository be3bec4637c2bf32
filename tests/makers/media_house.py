"""A real media process for tests, started alone as a container would start it, and its rooms."""

import asyncio
import contextlib
import os
import re
import resource
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.media.asking import MediaAwayError, MediaDesk
from server.media.tokens import Claims, Device, seal_token
from tests.makers.house import ROOT

_STARTS_S = 60.0
_STOPS_S = 20.0
PORTS = 200


@dataclass
class MediaHouse:
    """The process, web's line to it, and the keys of the rooms that were opened."""

    data_dir: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    desk: MediaDesk
    keys: dict[str, bytes] = field(default_factory=dict)

    async def open_room(self, name: str = "") -> str:
        """A room, as web opens it."""
        room = name or f"room-{secrets.token_hex(4)}"
        key = self.keys.setdefault(room, secrets.token_bytes(32))
        assert (await self.desk.ask("open", room=room, key=key.hex())).get("opened"), room
        return room

    def token(self, room: str, person: str, **changes: Any) -> str:
        """A token, as web seals it."""
        now_s = int(time.time())
        facts = {
            "room": room,
            "person": person,
            "role": "participant",
            "device": Device.FIRST,
            "issued_s": now_s,
            "expires_s": now_s + 600,
            **changes,
        }
        return seal_token(Claims(**facts), self.keys[room])

    async def stats(self, room: str) -> dict[str, Any]:
        """The room's counters, by participant."""
        told = await self.desk.ask("stats", room=room)
        return {each["participant"]: each for each in told["stats"]["participants"]}

    def media_pid(self) -> int:
        """The media process itself: the child of the supervisor."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(found.split()[0])

    async def kill(self) -> None:
        """End the process by force, and wait for the next."""
        before = self.media_pid()
        os.kill(before, signal.SIGKILL)
        await eventually(lambda: self._is_another_than(before))

    async def _is_another_than(self, before: int) -> bool:
        return bool((await wait_answering(self))["born"] != before)

    def limit_files(self, most_bytes: int) -> None:
        """From now on a file of the process is no longer than this: its disk is full then."""
        resource.prlimit(self.media_pid(), resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    def log(self) -> str:
        """Everything that it wrote."""
        return (self.data_dir / "media.log").read_text("utf-8", "replace")


@contextlib.asynccontextmanager
async def open_media(
    data_dir: Path, *, inside: Sequence[str] = (), **settings: str
) -> AsyncIterator[MediaHouse]:
    """The process for the time of a block, ready to open rooms.

    `inside` is what its command begins with, where it runs in another network.
    """
    first = 20_000 + secrets.randbelow(40_000)
    environment = {
        "LIANZHEN_DATA_DIR": str(data_dir),
        "LIANZHEN_ROLE": "media",
        "LIANZHEN_MEDIA_PORTS": f"{first}-{first + PORTS - 1}",
        **{f"LIANZHEN_{name.upper()}": value for name, value in settings.items()},
    }
    process = _spawn(data_dir, environment, inside)
    desk = MediaDesk(data_dir / "run" / "media.sock")
    house = MediaHouse(data_dir, environment, process, desk)
    try:
        await wait_answering(house)
        yield house
    finally:
        desk.close()
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, _STOPS_S)


def _spawn(
    data_dir: Path, environment: Mapping[str, str], inside: Sequence[str]
) -> subprocess.Popen[bytes]:
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "media.log").open("ab") as log:
        return subprocess.Popen(
            [*inside, sys.executable, "-m", "server", "serve"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def make_hasty_config(folder: Path) -> Path:
    """The bounds of rooms alone, with less patience than people need."""
    return make_bounded_config(folder, dict.fromkeys(("rejoin_s", "answer_s", "gone_s"), 2))


def make_bounded_config(folder: Path, bounds: Mapping[str, int]) -> Path:
    """The bounds of rooms alone, some of them others."""
    folder.mkdir(parents=True)
    text = (ROOT / "config" / "media.toml").read_text("utf-8")
    for name, value in bounds.items():
        text, changed = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
        assert changed == 1, name
    (folder / "media.toml").write_text(text, "utf-8")
    return folder


async def wait_answering(house: MediaHouse) -> Mapping[str, Any]:
    """Until it answers; what it says of itself."""
    until_s = time.monotonic() + _STARTS_S
    while True:
        try:
            return await house.desk.ask("health")
        except MediaAwayError:
            assert time.monotonic() < until_s, house.log()
            await asyncio.sleep(0.05)


async def eventually(condition: Any, *, within_s: float = 60.0) -> Any:
    """Wait until something is so, and say what it was; `condition` may be a coroutine function."""
    until_s = time.monotonic() + within_s
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < until_s, "it never was so"
        await asyncio.sleep(0.05)
