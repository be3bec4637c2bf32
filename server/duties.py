"""What the clocks of the house do: leases, holds, returns, sessions, places that end."""

import structlog
from aiohttp import web

from consult.calendar import service_hold
from consult.calendar.video import ending, reminders
from consult.cases import answering
from consult.cases.directions import service as directions
from consult.cases.ladder import service as ladder
from consult.cases.returns import service as returns
from consult.jobs import service as jobs
from consult.jobs.model import Job
from consult.kernel.errors import ConsultError, UnavailableError
from consult.people.organisations import panels
from consult.people.practitioners import affiliations
from consult.people.sessions import sweeps
from consult.queue import absence, escalation, leases
from consult.referrals import service_handover, service_request
from consult.reports.alerts import clock as alerts
from consult.studies.uploads import service as uploads
from server.auth.lock import is_locked
from server.disk_watch import DISK
from server.images.imagery import IMAGERY
from server.keys import (
    METRICS,
    OPEN_REQUESTS,
    RULES,
    RUNNING_JOBS,
    STREAM,
    UNITS,
    WAKEUPS,
)
from server.threads import in_thread
from server.transactions import as_system, as_system_read

log = structlog.get_logger()
ASKED_AT_ONCE = 500
ENDED_AT_ONCE = 100


async def expire_leases(app: web.Application) -> None:
    """Free the cases whose reader has gone."""
    await as_system(app, leases.tend_leases, limits=app[RULES].queue)


async def free_absent(app: web.Application) -> None:
    """Let nothing wait for an expert whose leave has begun (ID-10)."""
    await as_system(app, absence.free_all_absent, limits=app[RULES].queue)


async def expire_returned(app: web.Application) -> None:
    """End the cases whose photographs were not taken again in time (U6)."""
    await as_system(app, returns.expire_returned)


async def expire_holds(app: web.Application) -> None:
    """Free the slots that nobody confirmed in time."""
    await as_system(app, service_hold.expire_holds)


async def remind_session(app: web.Application, job: Job) -> None:
    """Tell both sides of a video session that it comes (VID-08)."""
    await as_system(
        app,
        reminders.remind,
        session_id=str(job.payload["session"]),
        sequence=int(job.payload["sequence"] or 0),
        minutes=int(job.payload["minutes"] or 0),
    )


async def sweep_video_sessions(app: web.Application) -> None:
    """End the video sessions that are over, and those that cannot take place any more."""
    after = await as_system(app, ending.sweep_sessions)
    while after:
        after = await as_system(app, ending.sweep_sessions, after=after)


async def escalate_alerts(app: web.Application) -> None:
    """Pass urgent alerts on that nobody has confirmed in time (RPT-08); one keeps no other."""
    for alert in await as_system_read(app, alerts.list_due):
        try:
            await as_system(app, alerts.escalate, alert=alert, rules=app[RULES].alerts)
        except Exception as error:  # noqa: BLE001 - whatever ails one case, the others go on
            log.warning("alert not passed on", object_id=alert.id, error=type(error).__name__)


async def end_directions(app: web.Application) -> None:
    """Let the cameras go whose time with a patient is over (U1)."""
    await as_system(app, directions.end_directions)


async def note_unanswered(app: web.Application) -> None:
    """Tell both sides which promised appointments are late."""
    await as_system(app, service_request.note_unanswered)


async def tell_promises(app: web.Application) -> None:
    """Tell of the promised times that run out; one that cannot be told now waits (Q-04)."""
    for mark in await as_system_read(app, ladder.list_due):
        try:
            await as_system(app, escalation.tell_due, mark=mark, rules=app[RULES].cases)
        except ConsultError as refusal:
            log.warning("promise not told", object_id=mark.case_id, code=refusal.code)


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


async def take_over(app: web.Application) -> None:
    """What was cut off with the process before this one waits for no lease to end.

    Where nothing can be written (a full disk) it waits after all: the house starts and reads.
    """
    try:
        await as_system(app, jobs.take_over)
        await as_system(app, uploads.take_over)
    except UnavailableError as error:
        log.warning("nothing taken over", code=error.code)


async def renew_jobs(app: web.Application) -> None:
    """Keep the leases of the jobs that run here, however long they take."""
    running: set[str] = app[RUNNING_JOBS]
    if running:
        await as_system(app, jobs.renew_jobs, job_ids=list(running))
    working = app[IMAGERY].working
    if working:
        await in_thread(app[IMAGERY].spool.keep_ledgers, list(working))
        await as_system(app, uploads.renew_work, list(working))


async def count_present(app: web.Application) -> None:
    """Tell the other processes who has a page open here."""
    app[METRICS].present.set(await app[WAKEUPS].meet(app[STREAM].people()))


async def watch_disk(app: web.Application) -> None:
    """Whether there is room, and whether the disk has failed."""
    await in_thread(app[DISK].look)
    if app[UNITS].has_failed():
        app[DISK].note("disk-failed")
