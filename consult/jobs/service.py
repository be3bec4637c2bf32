"""Jobs: queued in the unit of the change they follow, so none is lost and none runs for nothing."""

from collections.abc import Collection, Mapping
from datetime import datetime

from consult.jobs import store
from consult.jobs.model import LEASE, MOST_ATTEMPTS, Job, wait_after
from consult.jobs.tables import JobRow
from consult.kernel.ids import new_id
from consult.kernel.work import Work

TAKEN_AT_ONCE = 8


def queue_job(
    work: Work, kind: str, payload: Mapping[str, str | int | None], *, at: datetime | None = None
) -> str:
    """Have this done after the commit, or not before this time."""
    row = JobRow(id=new_id(), kind=kind, payload=dict(payload), run_at=at or work.now)
    store.save_job(work.session, row)
    return row.id


def is_any_due(work: Work) -> bool:
    """Whether there is a job to take."""
    return store.is_any_due(work.session, now=work.now)


def take_jobs(work: Work, *, limit: int = TAKEN_AT_ONCE) -> list[Job]:
    """Lease the jobs whose time has come; a lease that runs out lets the job run again."""
    return store.take_due(work.session, now=work.now, until=work.now + LEASE, limit=limit)


def renew_jobs(work: Work, *, job_ids: Collection[str]) -> None:
    """These jobs are still being done."""
    store.save_leases(work.session, job_ids, until=work.now + LEASE)


def take_over(work: Work) -> None:
    """Begin again at once what a process that is gone had begun; for the only one of a house."""
    store.end_leases(work.session, now=work.now)


def finish_job(work: Work, *, job_id: str) -> None:
    """The job is done."""
    store.delete_job(work.session, job_id)


def fail_job(work: Work, *, job: Job, failure: str, is_ours: bool = True) -> None:
    """Try again later, or keep the job as failed after the last attempt.

    What the house rests on was away (`is_ours` is False): that is no attempt of the job's.
    """
    if is_ours and job.attempts >= MOST_ATTEMPTS:
        store.save_failure(work.session, job.id, failure=failure, failed_at=work.now)
    else:
        run_at = work.now + wait_after(job.attempts)
        store.save_retry(work.session, job.id, run_at=run_at, failure=failure)
