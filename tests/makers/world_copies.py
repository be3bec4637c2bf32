"""A world that was made once: whoever wants one of her own gets a copy, which costs no steps.

Everything in it is done: its reports are on paper, as in a house that has run for a while.
"""

import atexit
import contextlib
import shutil
import sqlite3
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import update

from consult.kernel.work import Work
from consult.people.sessions.tables import SessionRow
from server.settings import Settings
from server.transactions import utc_now
from tests.makers.certificates import make_authority
from tests.makers.house import open_house
from tests.makers.world import World, open_installation
from tests.makers.world_story import make_world

_DONE_WITHIN_S = 180
_OF_ONE_RUN = ("run", "server.log", "lock", "preparing")


@dataclass(frozen=True)
class _Kept:
    folder: Path
    world: World


def copy_world(folder: Path, **chosen: str) -> World:
    """A world in this folder, on a database and blobs of its own."""
    kept = _kept()
    shutil.copytree(kept.folder, folder, dirs_exist_ok=True)
    settings = Settings.model_validate({"data_dir": folder, **chosen})
    it, clinic = kept.world, open_installation(settings)
    clinic.system(wake_everybody)
    return replace(
        it,
        clinic=clinic,
        places=dict(it.places),
        people=dict(it.people),
        doubles=dict(it.doubles),
        spare=dict(it.spare),
        things=dict(it.things),
    )


def wake_everybody(work: Work) -> None:
    """A session that was still since the world was made would be locked."""
    work.session.execute(update(SessionRow).values(seen_at=utc_now()))


@cache
def _kept() -> _Kept:
    base = Path(mkdtemp(prefix="lianzhen-world-"))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    folder = base / "house"
    world = make_world(folder)
    world.clinic.units.close()
    make_authority(folder / "keys" / "tls")
    with open_house(folder):
        _wait_until_done(folder / "lianzhen.db")
    for name in _OF_ONE_RUN:
        _remove(folder / name)
    return _Kept(folder, world)


def _wait_until_done(database: Path) -> None:
    deadline = time.monotonic() + _DONE_WITHIN_S
    with contextlib.closing(sqlite3.connect(database)) as connection:
        while connection.execute("SELECT count(*) FROM jobs").fetchone() != (0,):
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.1)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
