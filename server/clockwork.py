"""Standing jobs by the clock, and the jobs that follow a commit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType

import structlog
from aiohttp import web

from consult.calendar.video.reminders import REMIND
from consult.jobs import service as jobs
from consult.jobs.model import Job
from consult.reports.objects.model import OBJECTS_JOB
from consult.reports.papers.service import PAPER_JOB
from consult.studies.decoding import COMPARE
from consult.studies.index.service import DESCRIBE
from server import duties
from server.advance import ADVANCE_EVERY_S, LATE_EVERY_S, submit_arrived, tell_late
from server.anchors import ANCHOR_EVERY_S, anchor_head
from server.disk_watch import WATCH_EVERY_S
from server.dispatching.courier import SEND_EVERY_S, send_due
from server.errors import is_away
from server.images.imagery import flush_viewings
from server.images.viewing import FLUSH_EVERY_S
from server.intake import sweeps as upload_sweeps
from server.intake import uploads as intake
from server.jobdesk import JobDesk
from server.keys import (
    ON_DUTY,
    RUNNING_JOBS,
    TASKS,
    UNITS,
    WAKEUPS,
)
from server.looks.comparing import compare_decoders
from server.looks.describing import describe_instance, describe_missing
from server.looks.looking import look_at_new
from server.notices.postman import NOTICES_EVERY_S, tell_outside
from server.pdf.face import ASK_EVERY_S, ask_typeface
from server.pdf.papers import typeset_report
from server.recordings.ending import END_EVERY_S, end_kept
from server.recordings.settling import SETTLE_EVERY_S, settle_all
from server.recordings.taking import TAKE_EVERY_S, take_parts
from server.report_objects.filing import file_report_objects
from server.rooms.clocks import ROOMS_EVERY_S, end_rooms
from server.rooms.counting import COUNTED_EVERY_S, count_lines
from server.threads import in_thread
from server.transactions import as_system
from server.upkeep.standing import (
    MEASURED_EVERY_S,
    UPKEEP_EVERY_S,
    measure_storage,
    move_old,
    scrub_some,
    sweep_orphans,
)

log = structlog.get_logger()
JOBS_EVERY_S = 2.0
JOB_RUNNERS = 4
CUT_EVERY_S = 1.5
LEASES_EVERY_S = 15.0
HOLDS_EVERY_S = 15.0
RETURNS_EVERY_S = 60.0
SESSIONS_BOOKED_EVERY_S = 30.0
SESSIONS_EVERY_S = 3600.0
UPLOADS_EVERY_S = 60.0
LOOKS_EVERY_S = 0.5
AFFILIATIONS_EVERY_S = 600.0
DUTY_EVERY_S = 1.0
PRESENT_EVERY_S = 5.0
DUTY = "standing jobs"
Handler = Callable[[web.Application, Job], Awaitable[None]]


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "ingest_upload": intake.ingest_upload,
        "drop_blob": intake.drop_blob,
        DESCRIBE: describe_instance,
        COMPARE: compare_decoders,
        OBJECTS_JOB: file_report_objects,
        PAPER_JOB: typeset_report,
        REMIND: duties.remind_session,
    }
)
"""What does each kind of queued job."""

Standing = tuple[str, float, Callable[[web.Application], Awaitable[None]]]


OWN: tuple[Standing, ...] = (
    ("uploads left", DUTY_EVERY_S, upload_sweeps.resume_uploads),
    ("job leases", LEASES_EVERY_S, duties.renew_jobs),
    ("presence", PRESENT_EVERY_S, duties.count_present),
    ("viewings", FLUSH_EVERY_S, flush_viewings),
    ("open requests", CUT_EVERY_S, duties.cut_ended),
    ("disk", WATCH_EVERY_S, duties.watch_disk),
    ("storage figures", MEASURED_EVERY_S, measure_storage),
)
"""What every process does: name, seconds between two runs, and the step."""

STANDING: tuple[Standing, ...] = (
    ("anchor", ANCHOR_EVERY_S, anchor_head),
    ("leases", LEASES_EVERY_S, duties.expire_leases),
    ("leave", HOLDS_EVERY_S, duties.free_absent),
    ("returns", RETURNS_EVERY_S, duties.expire_returned),
    ("holds", HOLDS_EVERY_S, duties.expire_holds),
    ("sessions booked", SESSIONS_BOOKED_EVERY_S, duties.sweep_video_sessions),
    ("promises", HOLDS_EVERY_S, duties.note_unanswered),
    ("urgent alerts", HOLDS_EVERY_S, duties.escalate_alerts),
    ("promised times", HOLDS_EVERY_S, duties.tell_promises),
    ("cameras", HOLDS_EVERY_S, duties.end_directions),
    ("sessions", SESSIONS_EVERY_S, duties.sweep_sessions),
    ("affiliations", AFFILIATIONS_EVERY_S, duties.end_affiliations),
    ("submissions", ADVANCE_EVERY_S, submit_arrived),
    ("late-files", LATE_EVERY_S, tell_late),
    ("uploads", UPLOADS_EVERY_S, upload_sweeps.sweep_uploads),
    ("descriptions", UPLOADS_EVERY_S, describe_missing),
    ("scrub", UPKEEP_EVERY_S, scrub_some),
    ("sweep", UPKEEP_EVERY_S, sweep_orphans),
    ("cooling", UPKEEP_EVERY_S, move_old),
    ("pictures", LOOKS_EVERY_S, look_at_new),
    ("dispatches", SEND_EVERY_S, send_due),
    ("notices", NOTICES_EVERY_S, tell_outside),
    ("rooms", ROOMS_EVERY_S, end_rooms),
    ("room counters", COUNTED_EVERY_S, count_lines),
    ("recordings", SETTLE_EVERY_S, settle_all),
    ("recorded parts", TAKE_EVERY_S, take_parts),
    ("recordings kept", END_EVERY_S, end_kept),
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
