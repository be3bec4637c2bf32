"""How long a house that was killed needs until it takes work again.

    python benchmarks/restart.py [kills]

The data folder holds the world of the tests. Printed are the least, the median and the most of
the seconds from the start of the command to three points: the children are started, web listens,
`/readyz` says 200 (web and the jail take work); and the processor's seconds that all processes
spent until then, which tell more than the clock on a machine that others use.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from server.transactions import utc_now
from tests.makers.house import House, start_house
from tests.makers.world_story import make_world

KILLS = 10
POINTS = {"child started": "children started", "serving": "web listens"}
READY, SPENT = "takes work", "processor"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Kill, start again, and print."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(Path(folder))
        world.clinic.units.close()
        house = start_house(Path(folder), loop_guard="0")
        try:
            seconds = [restart(house) for _ in range(kills)]
        finally:
            house.stop()
    print(f"{kills} restarts after kill -9, seconds: least, median, most")
    for point in (*POINTS.values(), READY, SPENT):
        found = [each[point] for each in seconds]
        print(f"{point:<18}{min(found):6.2f}{statistics.median(found):6.2f}{max(found):6.2f}")


def restart(house: House) -> dict[str, float]:
    """One kill, and when each point was reached after it."""
    house.kill()
    known = len(house.log())
    started, clock = utc_now(), time.monotonic()
    house.start_again()
    reached = {READY: time.monotonic() - clock, SPENT: spent_by(house.process.pid)}
    for line in house.log()[known:].splitlines():
        told = json.loads(line)
        if point := POINTS.get(told["event"]):
            reached[point] = (datetime.fromisoformat(told["at"]) - started).total_seconds()
    return reached


def spent_by(pid: int) -> float:
    """Processor seconds of a process and its children, by proc(5)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    user, system = fields[11:13]  # fields 14 and 15 of the line; the split begins with the third
    return (int(user) + int(system)) / TICKS_A_SECOND + sum(map(spent_by, map(int, children)))


if __name__ == "__main__":
    main()
