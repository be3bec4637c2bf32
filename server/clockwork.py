"""Standing jobs by the clock, and the jobs that follow a commit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType

import structlog
from aiohttp import web

from consult.calendar import service_hold
from consult.cases import answering
from consult.cases.directions import service as directions
from consult.cases.returns import service as returns
from consult.jobs import service as jobs
from consult.jobs.model import Job
from consult.kernel.errors import ConsultError
from consult.people.organisations import panels
from consult.people.practitioners import affiliations
from consult.people.sessions import sweeps
from consult.queue import service as queue
from consult.referrals import service_handover, service_request
from consult.reports.papers.service import PAPER_JOB
from consult.studies.decoding import COMPARE
from consult.studies.index.service import DESCRIBE
from consult.studies.uploads import service as uploads
from server import intake, upload_sweeps
from server.anchors import ANCHOR_EVERY_S, anchor_head
from server.auth.lock import is_locked
from server.comparing import compare_decoders
from server.describing import describe_instance, describe_missing
from server.disk_watch import DISK, WATCH_EVERY_S
from server.errors import is_away
from server.imagery import IMAGERY, flush_viewings
from server.jobdesk import JobDesk
from server.keys import (
    METRICS,
    ON_DUTY,
    OPEN_REQUESTS,
    RULES,
    RUNNING_JOBS,
    STREAM,
    TASKS,
    UNITS,
    WAKEUPS,
)
from server.looking import look_at_new
from server.pdf.face import ASK_EVERY_S, ask_typeface
from server.pdf.papers import typeset_report
from server.threads import in_thread
from server.transactions import as_system, as_system_read
from server.upkeep.standing import (
    MEASURED_EVERY_S,
    UPKEEP_EVERY_S,
    measure_storage,
    move_old,
    scrub_some,
    sweep_orphans,
)
from server.viewing import FLUSH_EVERY_S

log = structlog.get_logger()
JOBS_EVERY_S = 2.0
JOB_RUNNERS = 4
CUT_EVERY_S = 1.5
ASKED_AT_ONCE = 500
LEASES_EVERY_S = 15.0
HOLDS_EVERY_S = 15.0
RETURNS_EVERY_S = 60.0
SESSIONS_EVERY_S = 3600.0
UPLOADS_EVERY_S = 60.0
LOOKS_EVERY_S = 0.5
AFFILIATIONS_EVERY_S = 600.0
DUTY_EVERY_S = 1.0
PRESENT_EVERY_S = 5.0
DUTY = "standing jobs"
ENDED_AT_ONCE = 100
Handler = Callable[[web.Application, Job], Awaitable[None]]


async def expire_leases(app: web.Application) -> None:
    """Free the cases whose reader has gone."""
    await as_system(app, queue.expire_leases)


async def expire_returned(app: web.Application) -> None:
    """End the cases whose photographs were not taken again in time (U6)."""
    await as_system(app, returns.expire_returned)


async def expire_holds(app: web.Application) -> None:
    """Free the slots that nobody confirmed in time."""
    await as_system(app, service_hold.expire_holds)


async def end_directions(app: web.Application) -> None:
    """Let the cameras go whose time with a patient is over (U1)."""
    await as_system(app, directions.end_directions)


async def note_unanswered(app: web.Application) -> None:
    """Tell both sides which promised appointments are late."""
    await as_system(app, service_request.note_unanswered)


async def cut_ended(app: web.Application) -> None:
    """Cut the requests of sessions that would not be let in any more (T5, U18)."""
    room = app[OPEN_REQUESTS]
    asked = room.token_hashes()
    living: set[str] = set()
    for start in range(0, len(asked), ASKED_AT_ONCE):
        part = asked[start : start + ASKED_AT_ONCE]
        rules = app[RULES].sign_in.sessions
        found = await as_system_read(app, sweeps.list_standing, token_hashes=part, rules=rules)
        living |= {each.token_hash for each in found if not is_locked(app, each)}
    room.cut_missing(living)


async def sweep_sessions(app: web.Application) -> None:
    """Forget the sessions that ended long ago."""
    await as_system(app, sweeps.sweep_sessions)


async def end_affiliations(app: web.Application) -> None:
    """Hand over the cases of people whose last day has passed.

    A panel's leader, and whoever has no colleague, stays until an administrator names somebody;
    that a panel has lost its leader, or a clinic with open cases its last physician, is written
    down, and shown to the administrator.
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
    await as_system(app, answering.note_without_physician)


async def renew_jobs(app: web.Application) -> None:
    """Keep the leases of the jobs that run here, however long they take."""
    running: set[str] = app[RUNNING_JOBS]
    if running:
        await as_system(app, jobs.renew_jobs, job_ids=list(running))
    working = app[IMAGERY].working
    if working:
        await in_thread(app[IMAGERY].spool.keep_ledgers, list(working))
        await as_system(app, uploads.renew_work, list(working))


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "ingest_upload": intake.ingest_upload,
        "drop_blob": intake.drop_blob,
        DESCRIBE: describe_instance,
        COMPARE: compare_decoders,
        PAPER_JOB: typeset_report,
    }
)
"""What does each kind of queued job."""

Standing = tuple[str, float, Callable[[web.Application], Awaitable[None]]]


async def count_present(app: web.Application) -> None:
    """Tell the other processes who has a page open here."""
    app[METRICS].present.set(await app[WAKEUPS].meet(app[STREAM].people()))


async def watch_disk(app: web.Application) -> None:
    """Whether there is room, and whether the disk has failed."""
    await in_thread(app[DISK].look)
    if app[UNITS].has_failed():
        app[DISK].note("disk-failed")


OWN: tuple[Standing, ...] = (
    ("uploads left", DUTY_EVERY_S, upload_sweeps.resume_uploads),
    ("job leases", LEASES_EVERY_S, renew_jobs),
    ("presence", PRESENT_EVERY_S, count_present),
    ("viewings", FLUSH_EVERY_S, flush_viewings),
    ("open requests", CUT_EVERY_S, cut_ended),
    ("disk", WATCH_EVERY_S, watch_disk),
    ("storage figures", MEASURED_EVERY_S, measure_storage),
)
"""What every process does: name, seconds between two runs, and the step."""

STANDING: tuple[Standing, ...] = (
    ("anchor", ANCHOR_EVERY_S, anchor_head),
    ("leases", LEASES_EVERY_S, expire_leases),
    ("returns", RETURNS_EVERY_S, expire_returned),
    ("holds", HOLDS_EVERY_S, expire_holds),
    ("promises", HOLDS_EVERY_S, note_unanswered),
    ("cameras", HOLDS_EVERY_S, end_directions),
    ("sessions", SESSIONS_EVERY_S, sweep_sessions),
    ("affiliations", AFFILIATIONS_EVERY_S, end_affiliations),
    ("uploads", UPLOADS_EVERY_S, upload_sweeps.sweep_uploads),
    ("descriptions", UPLOADS_EVERY_S, describe_missing),
    ("scrub", UPKEEP_EVERY_S, scrub_some),
    ("sweep", UPKEEP_EVERY_S, sweep_orphans),
    ("cooling", UPKEEP_EVERY_S, move_old),
    ("pictures", LOOKS_EVERY_S, look_at_new),
)
"""What one process of all does, by a lease."""


def start(app: web.Application) -> None:
    """Start every clock of this process."""
    desk = JobDesk()
    for number in range(JOB_RUNNERS):
        app[TASKS].every(JOBS_EVERY_S, partial(_run_jobs, app, desk), name=f"jobs-{number}")
    for name, seconds, step in OWN:
        app[TASKS].every(seconds, partial(step, app), name=name)
    typeface = partial(ask_typeface, app)  # not yet: to be asked is what makes it load
    app[TASKS].every(ASK_EVERY_S, typeface, name="typeface", first_after_s=ASK_EVERY_S)
    app[TASKS].every(DUTY_EVERY_S, partial(_take_duty, app), name="duty")
    for name, seconds, step in STANDING:
        app[TASKS].every(seconds, partial(_on_duty, app, step), name=name)


async def _take_duty(app: web.Application) -> None:
    """Have the standing jobs while this process holds their lease."""
    if await in_thread(app[UNITS].hold, DUTY):
        app[ON_DUTY].set()
    else:
        app[ON_DUTY].clear()


async def _on_duty(
    app: web.Application, step: Callable[[web.Application], Awaitable[None]]
) -> None:
    await app[ON_DUTY].wait()
    await step(app)


async def _run_jobs(app: web.Application, desk: JobDesk) -> None:
    """Do one job after another; several runners go side by side, so a long job holds up none."""
    while True:
        rung = app[WAKEUPS].rung
        if (job := await desk.take(app)) is not None:
            await _run_job(app, job)
        else:
            await app[WAKEUPS].wait(JOBS_EVERY_S, after=rung)


async def _run_job(app: web.Application, job: Job) -> None:
    app[RUNNING_JOBS].add(job.id)
    try:
        await HANDLERS[job.kind](app, job)
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - the outermost point of a job: it is tried again
        log.warning("job failed", kind=job.kind, job=job.id, error=type(error).__name__)
        name, is_ours = type(error).__name__, not is_away(error)
        await as_system(app, jobs.fail_job, job=job, failure=name, is_ours=is_ours)
    else:
        await as_system(app, jobs.finish_job, job_id=job.id)
    finally:
        app[RUNNING_JOBS].discard(job.id)
