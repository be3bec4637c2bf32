"""What rooms cost, beside Janus VideoRoom: `python -m benchmarks.media.rooms [ADDRESS]`.

Cases that are named behind the address (`40x2`) are measured of our own server alone, as far as two
cores carry both sides, with `recorded` while every track is written down. Janus leaves loopback
out, so both listen at another address of this machine; figures are of the server's process alone
(user and system time), and of frames from the leaving of their last packet to its arrival.
"""

import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.media.peers import Heard, QuietReceiver
from benchmarks.media.servers import Janus, Ours, Place, open_janus, open_ours
from server.media.engine import RTCRtpSender, use_addresses, use_classes
from server.media.loop import MediaLoop

CASES = ((1, 2), (8, 2), (1, 4), (1, 6))
_WARM_S, _MEASURE_S = 4.0, 12.0
_TICKS = os.sysconf("SC_CLK_TCK")


async def measure(
    server: Ours | Janus, rooms: int, people: int, *, is_recorded: bool = False
) -> dict[str, Any]:
    """One case, from the first coming to the last leaving."""
    before_mib = resident_mib(server.pid)
    places: list[Place] = []
    for _ in range(rooms):
        room = str(secrets.randbelow(10**8) + 1000)
        inside = [Place(room, f"person-{each}") for each in range(people)]
        places += inside
        await server.enter(inside)
    for place in places:
        await place.receiver.count()
    if is_recorded and isinstance(server, Ours):
        await server.record(people)
    await asyncio.sleep(_WARM_S)
    for place in places:
        place.receiver.reset()
    cpu_s, at_s = processor_s(server.pid), time.monotonic()
    await asyncio.sleep(_MEASURE_S)
    cpu_s, passed_s = processor_s(server.pid) - cpu_s, time.monotonic() - at_s
    heard = [each for place in places for each in place.receiver.heard.values()]
    found = summary(heard, rooms, cpu_s, passed_s)
    found["MiB a room"] = round((resident_mib(server.pid) - before_mib) / rooms, 1)
    if is_recorded and isinstance(server, Ours):
        found["MB recorded"] = written_mb(server.folder)
    for place in places:
        await place.sender.close()
        await place.receiver.peer.close()
    await server.close()
    return {"server": server.name, "rooms": rooms, "people": people, **found}


def summary(heard: list[Heard], rooms: int, cpu_s: float, passed_s: float) -> dict[str, Any]:
    """Figures of one case."""
    late_ms = sorted(1000 * late_s for each in heard for late_s in each.late_s)
    came = sum(each.packets for each in heard)
    sent = sum((each.highest - (each.lowest or 0)) % 65536 + 1 for each in heard if each.packets)
    return {
        "CPU s a room-minute": round(60 * cpu_s / passed_s / rooms, 2),
        "CPU %": round(100 * cpu_s / passed_s, 1),
        "lost %": round(100 * max(sent - came, 0) / sent, 3) if sent else None,
        "p50 ms": round(late_ms[len(late_ms) // 2], 2) if late_ms else None,
        "p99 ms": round(late_ms[len(late_ms) * 99 // 100], 2) if late_ms else None,
        "packets a s": round(came / passed_s),
    }


def processor_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mib(pid: int) -> float:
    """Its memory."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def written_mb(folder: Path) -> float:
    """What lies in the outbox of its recordings."""
    found = (each for each in (folder / "media").rglob("*") if each.is_file())
    return round(sum(each.stat().st_size for each in found) / 1e6, 1)


async def run(address: str, named: list[tuple[int, int]], *, is_recorded: bool) -> None:
    """Every case, ours and then Janus."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    for rooms, people in named or CASES:
        with tempfile.TemporaryDirectory() as folder:
            async with open_ours(Path(folder) / "ours", address) as ours:
                found = await measure(ours, rooms, people, is_recorded=is_recorded)
                print(json.dumps(found), flush=True)
            if named:
                continue
            async with open_janus(Path(folder) / "janus", address) as janus:
                print(json.dumps(await measure(janus, rooms, people)), flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    where, *told = sys.argv[1:] or ["127.0.0.1"]
    recorded = "recorded" in told
    told = [each for each in told if each != "recorded"]
    cases = [(int(rooms), int(people)) for rooms, people in (each.split("x") for each in told)]
    use_addresses([where])
    use_classes(QuietReceiver, RTCRtpSender)
    with asyncio.Runner(loop_factory=lambda: MediaLoop(range(20_000, 39_999))) as runner:
        runner.run(run(where, cases, is_recorded=recorded))
