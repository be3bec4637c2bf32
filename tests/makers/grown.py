"""A house as a hospital's IT runs it: PostgreSQL, Redis, several web processes."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from server.settings import Settings
from tests.makers.databases import Cluster
from tests.makers.redis import RedisHouse, run_redis
from tests.makers.s3 import S3House
from tests.makers.world import open_installation
from tests.makers.world_house import WorldHouse, open_world

_ASKED_WITHIN_S = 1.5


@dataclass(frozen=True)
class GrownHouse:
    """The house, and what it stands on."""

    house: WorldHouse
    redis: RedisHouse

    def answering(self) -> list[int]:
        """The web processes that serve: each asks the database who has the seat."""
        with psycopg.connect(self.house.house.database_url) as connection:
            found = connection.execute(
                "SELECT DISTINCT application_name FROM pg_stat_activity"
                " WHERE application_name LIKE 'lianzhen standing%'"
            ).fetchall()
        own = set(children_of(self.house.house.process.pid, "web"))
        return sorted(own & {int(name.rpartition(" ")[2]) for (name,) in found})


def children_of(pid: int, role: str) -> list[int]:
    """The processes that this one started for a role; a spare one waits for its own."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    found = []
    for each in listed:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            command = Path(f"/proc/{each}/cmdline").read_bytes().split(b"\0")
            if role.encode() in command and not is_spare(int(each), command):
                found.append(int(each))
    return found


def is_spare(pid: int, command: Sequence[bytes]) -> bool:
    """Whether it waits, or will; one that has taken a place calls itself by that."""
    return b"--spare" in command and Path(f"/proc/{pid}/comm").read_text("utf-8") != "web\n"


def grown_settings(cluster: Cluster, redis: RedisHouse, s3: S3House) -> dict[str, str]:
    """An empty database, a Redis and a bucket for two web processes."""
    return {
        "database_url": cluster.make_database("template0"),
        "redis_url": redis.url,
        "workers": "2",
        **s3.settings(s3.make_place()),
    }


@contextlib.contextmanager
def open_grown(cluster: Cluster, folder: Path, s3: S3House, **more: str) -> Iterator[GrownHouse]:
    """A world in a grown house, for the time of a block."""
    with run_redis(folder) as redis:
        chosen = grown_settings(cluster, redis, s3) | more
        with open_world(folder / "house", **chosen) as house:
            _leave_the_seat(house, chosen)
            yield GrownHouse(house, redis)


def _leave_the_seat(house: WorldHouse, chosen: Mapping[str, str]) -> None:
    """Let a process of the house number the journal, not the test that was here first."""
    house.world.clinic.units.close()
    time.sleep(_ASKED_WITHIN_S)
    settings = Settings.model_validate({"data_dir": house.house.data_dir, **chosen})
    house.world.clinic = open_installation(settings)
