"""Standing jobs by the clock, and the jobs that follow a commit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType

import structlog
from aiohttp import web

from consult.calendar import service_hold
from consult.cases import service_handover
from consult.jobs import service as jobs
from consult.jobs.model import Job
from consult.kernel.errors import ConsultError
from consult.people.organisations import panels
from consult.people.practitioners import affiliations
from consult.people.sessions import service as sessions
from consult.queue import service as queue
from consult.reports.papers.service import PAPER_JOB
from server import intake
from server.anchors import ANCHOR_EVERY_S, anchor_head
from server.imagery import flush_viewings
from server.keys import RUNNING_JOBS, TASKS, WAKEUPS
from server.pdf.face import ASK_EVERY_S, ask_typeface
from server.pdf.papers import typeset_report
from server.transactions import as_system, as_system_read
from server.viewing import FLUSH_EVERY_S

log = structlog.get_logger()
JOBS_EVERY_S = 2.0
JOB_RUNNERS = 4
LEASES_EVERY_S = 15.0
HOLDS_EVERY_S = 15.0
SESSIONS_EVERY_S = 3600.0
UPLOADS_EVERY_S = 60.0
AFFILIATIONS_EVERY_S = 600.0
ENDED_AT_ONCE = 100
Handler = Callable[[web.Application, Job], Awaitable[None]]


async def expire_leases(app: web.Application) -> None:
    """Free the cases whose reader has gone."""
    await as_system(app, queue.expire_leases)


async def expire_holds(app: web.Application) -> None:
    """Free the slots that nobody confirmed in time."""
    await as_system(app, service_hold.expire_holds)


async def sweep_sessions(app: web.Application) -> None:
    """Forget the sessions that ended long ago."""
    await as_system(app, sessions.sweep_sessions)


async def end_affiliations(app: web.Application) -> None:
    """Hand over the cases of people whose last day has passed.

    A panel's leader, and whoever has no colleague, stays until an administrator names somebody;
    that a panel has lost its leader is written down, and shown to the administrator.
    """
    for place in await as_system_read(app, affiliations.list_over, limit=ENDED_AT_ONCE):
        try:
            await as_system(
                app,
                service_handover.stop_affiliation,
                affiliation_id=place.id,
                revision=place.revision,
            )
        except ConsultError as refusal:
            log.warning("affiliation not ended", object_id=place.id, code=refusal.code)
    await as_system(app, panels.note_leaderless)


async def renew_jobs(app: web.Application) -> None:
    """Keep the leases of the jobs that run here, however long they take."""
    running: set[str] = app[RUNNING_JOBS]
    if running:
        await as_system(app, jobs.renew_jobs, job_ids=list(running))


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "ingest_upload": intake.ingest_upload,
        "drop_blob": intake.drop_blob,
        PAPER_JOB: typeset_report,
    }
)
"""What does each kind of queued job."""

STANDING: tuple[tuple[str, float, Callable[[web.Application], Awaitable[None]]], ...] = (
    ("job leases", LEASES_EVERY_S, renew_jobs),
    ("anchor", ANCHOR_EVERY_S, anchor_head),
    ("leases", LEASES_EVERY_S, expire_leases),
    ("holds", HOLDS_EVERY_S, expire_holds),
    ("sessions", SESSIONS_EVERY_S, sweep_sessions),
    ("affiliations", AFFILIATIONS_EVERY_S, end_affiliations),
    ("uploads", UPLOADS_EVERY_S, intake.sweep_uploads),
    ("typeface", ASK_EVERY_S, ask_typeface),
    ("viewings", FLUSH_EVERY_S, flush_viewings),
)
"""Name, seconds between two runs, and the step."""


def start(app: web.Application) -> None:
    """Start every clock of this process."""
    for number in range(JOB_RUNNERS):
        app[TASKS].every(JOBS_EVERY_S, partial(_run_jobs, app), name=f"jobs-{number}")
    for name, seconds, step in STANDING:
        app[TASKS].every(seconds, partial(step, app), name=name)


async def _run_jobs(app: web.Application) -> None:
    """Do one job after another; several runners go side by side, so a long job holds up none."""
    while True:
        rung = app[WAKEUPS].rung
        taken = await as_system(app, jobs.take_jobs, limit=1)
        for job in taken:
            await _run_job(app, job)
        if not taken:
            await app[WAKEUPS].wait(JOBS_EVERY_S, after=rung)


async def _run_job(app: web.Application, job: Job) -> None:
    app[RUNNING_JOBS].add(job.id)
    try:
        await HANDLERS[job.kind](app, job)
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - the outermost point of a job: it is tried again
        log.warning("job failed", kind=job.kind, job=job.id, error=type(error).__name__)
        await as_system(app, jobs.fail_job, job=job, failure=type(error).__name__)
    else:
        await as_system(app, jobs.finish_job, job_id=job.id)
    finally:
        app[RUNNING_JOBS].discard(job.id)
