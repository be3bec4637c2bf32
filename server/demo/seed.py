"""Filling an empty installation with the demonstration, by the same services as the pages use."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from aiohttp import web

from consult.jobs import service as jobs
from imaging.jail.client import Jail
from server import keys
from server.anchors import anchor_head
from server.cli.speech import say
from server.clockwork import HANDLERS
from server.demo.model import DemoPlan
from server.demo.plan import plan_from
from server.demo.play import play
from server.demo.sign_ins import say_sign_ins
from server.demo.stage import Stage
from server.i18n import N_
from server.images.imagery import IMAGERY, close_imagery
from server.settings import Settings
from server.supervisor.children import make_typesetter_spec, make_worker_spec
from server.supervisor.lone import lone_child, wait_for
from server.transactions import as_system, utc_now
from server.wiring import LONGEST_TYPESETTING_S, furnish

_JOBS: Final = ("--jobs", "imaging.jail.drawing")
# mallopt(3): a child that draws keeps its memory, since fresh pages for each layer cost 0.2 s.
_KEEP_MEMORY: Final = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}


def run(settings: Settings, path: Path, *, now: datetime | None = None) -> None:
    """Seed a prepared, empty installation from the operator's file, and say who can sign in.

    What is interrupted leaves an installation that refuses to start: see server/demonstration.py.
    """
    moment = now or utc_now()
    plan = plan_from(path, now=moment)
    say(N_("Filling in a fictional consortium; its photographs are drawn now."))
    with _children(settings) as (worker, typesetter):
        asyncio.run(_seed(settings, plan, moment, worker, typesetter))
    say_sign_ins(plan)


@contextlib.contextmanager
def _children(settings: Settings) -> Iterator[tuple[Path, Path]]:
    """Jails of our own: one can draw, which the installation's never can; one sets documents."""
    settings.run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    worker, typesetter = (settings.run_dir / name for name in ("seed.sock", "papers-seed.sock"))
    spec = make_worker_spec(worker, *_JOBS)
    drawing = replace(spec, environment={**(spec.environment or {}), **_KEEP_MEMORY})
    with (
        lone_child(drawing, worker),
        lone_child(make_typesetter_spec(typesetter), typesetter),
    ):
        yield worker, typesetter


async def _seed(
    settings: Settings, plan: DemoPlan, now: datetime, worker: Path, typesetter: Path
) -> None:
    jails = Jail(worker), Jail(typesetter, timeout_s=LONGEST_TYPESETTING_S)
    async with _furnished(settings, *jails) as app:
        for jail in jails:
            await wait_for(jail)
        await play(Stage(app, plan, now))
        await _do_jobs(app)
        await close_imagery(app)
        await anchor_head(app)


@contextlib.asynccontextmanager
async def _furnished(
    settings: Settings, jail: Jail, typesetter: Jail
) -> AsyncIterator[web.Application]:
    """Everything that the pages are furnished with, without a door."""
    app = web.Application()
    await furnish(app, settings)
    app[keys.JAIL].close()
    app[keys.TYPESETTER].close()
    app[keys.JAIL], app[keys.TYPESETTER] = jail, typesetter
    app[IMAGERY].resumed.set()
    try:
        yield app
    finally:
        app[keys.UNITS].close()
        app[keys.PASSWORDS].close()
        jail.close()
        typesetter.close()


async def _do_jobs(app: web.Application) -> None:
    """What the acts left to be done: bytes that no row names any more."""
    while taken := await as_system(app, jobs.take_jobs):
        for job in taken:
            await HANDLERS[job.kind](app, job)
            await as_system(app, jobs.finish_job, job_id=job.id)
