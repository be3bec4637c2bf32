"""What a job is, and how long it waits before it is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

MOST_ATTEMPTS = 5
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work that must happen after a commit."""

    id: str
    kind: str
    payload: Mapping[str, str | int | None]
    attempts: int


def wait_after(attempts: int) -> timedelta:
    """Two, four, eight … seconds, at most five minutes."""
    return min(timedelta(seconds=2 ** min(attempts, 9)), timedelta(minutes=5))
