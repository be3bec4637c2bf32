"""A participant on another machine: a plain aiortc peer that runs in a network namespace.

    python -m tests.makers.far_peer SOCKET ROOM TOKEN ADDRESS TEXT

It comes in by the media process's socket, sends TEXT from camera and microphone all the time, and
writes what it first hears of others, a line of JSON each, until its input ends.
"""

import asyncio
import json
import sys
from pathlib import Path

from server.media.asking import MediaDesk
from tests.makers import light_peer

NO_WAY = "no way"


def _write(said: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


async def take_part(socket: Path, room: str, token: str, text: bytes) -> None:
    """Until the input ends."""
    peer = light_peer.LightPeer(MediaDesk(socket), room, token)
    loop = asyncio.get_running_loop()
    ended = loop.run_in_executor(None, sys.stdin.read)
    await peer.join()
    await peer.hear("welcome")
    try:
        await peer.publish()
    except (AssertionError, TimeoutError):  # no way led there
        _write({"who": "", "source": "", "text": NO_WAY})
        await ended
        return
    told: set[tuple[str, str, bytes]] = set()
    while not ended.done():
        for source in ("microphone", "camera"):
            await peer.send(source, text)
        for who, source in list(peer.received):
            for heard in peer.texts(who, source):
                if (who, source, heard) not in told:
                    told.add((who, source, heard))
                    said = {"who": who, "source": source, "text": heard.decode()}
                    _write(said)
        await asyncio.sleep(0.02)
    await peer.leave()


if __name__ == "__main__":
    _, where, into, sealed, address, words = sys.argv
    light_peer.use_address(address)
    asyncio.run(take_part(Path(where), into, sealed, words.encode()))
