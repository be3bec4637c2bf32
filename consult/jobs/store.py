"""The only SQL of jobs."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from consult.db.base import table_of
from consult.jobs.model import Job
from consult.jobs.tables import JobRow


def save_job(session: Session, row: JobRow) -> None:
    """Write a new job."""
    session.add(row)
    session.flush()


def take_due(session: Session, *, now: datetime, until: datetime, limit: int) -> list[Job]:
    """Jobs whose time has come, leased until `until`."""
    statement = (
        select(JobRow)
        .where(JobRow.failed_at.is_(None), JobRow.run_at <= now)
        .order_by(JobRow.run_at, JobRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    jobs = []
    for row in session.scalars(statement):
        row.run_at, row.attempts = until, row.attempts + 1
        jobs.append(Job(id=row.id, kind=row.kind, payload=row.payload, attempts=row.attempts))
    return jobs


_JOBS = table_of(JobRow)
_DUE = (
    select(_JOBS.c.id)
    .where(_JOBS.c.failed_at.is_(None), _JOBS.c.run_at <= bindparam("now"))
    .limit(1)
)


def is_any_due(session: Session, *, now: datetime) -> bool:
    """Whether the time of any job has come; asked behind every commit."""
    return session.execute(_DUE, {"now": now}).first() is not None


def save_leases(session: Session, job_ids: Collection[str], *, until: datetime) -> None:
    """Lengthen the leases of these jobs."""
    session.execute(update(JobRow).where(JobRow.id.in_(job_ids)).values(run_at=until))


def end_leases(session: Session, *, now: datetime) -> None:
    """Every job that was tried before is due now."""
    tried = (JobRow.attempts > 0) & (JobRow.run_at > now) & JobRow.failed_at.is_(None)
    session.execute(update(JobRow).where(tried).values(run_at=now))


def delete_job(session: Session, job_id: str) -> None:
    """Forget a finished job."""
    session.execute(delete(JobRow).where(JobRow.id == job_id))


def save_failure(session: Session, job_id: str, *, failure: str, failed_at: datetime) -> None:
    """Keep a job that cannot be done, with its reason."""
    session.execute(
        update(JobRow).where(JobRow.id == job_id).values(failure=failure, failed_at=failed_at)
    )


def save_retry(session: Session, job_id: str, *, run_at: datetime, failure: str) -> None:
    """Try again at this time."""
    session.execute(
        update(JobRow).where(JobRow.id == job_id).values(run_at=run_at, failure=failure)
    )
