"""Whether an installation holds the fictional consortium: two lines of the journal say it.

The hospital's web process reads this, and nothing of server/demo.
"""

from typing import Final

from consult.journal import service as journal
from consult.kernel.errors import ConsultError
from consult.kernel.work import Entry, Work

BEGUN: Final = "demo.begun"
SEEDED: Final = "demo.seeded"
_OBJECT: Final = ("installation", "demo")


class DemoHalfSeededError(ConsultError):
    """Seeding was interrupted: what is there is no demonstration and no hospital."""

    def __init__(self) -> None:
        super().__init__("demo-half-seeded")


def note(work: Work, *, kind: str, seed: int) -> None:
    """Write that seeding began or is done."""
    work.journal(Entry(kind, *_OBJECT, codes={"seed": seed}))


def is_seeded(work: Work) -> bool:
    """Whether everything here is fiction."""
    return _newest(work) == SEEDED


def require_whole(work: Work) -> None:
    """Raise DemoHalfSeededError where seeding began and did not end."""
    if _newest(work) == BEGUN:
        raise DemoHalfSeededError


def _newest(work: Work) -> str | None:
    object_type, object_id = _OBJECT
    return journal.newest_kind(work.session, object_type=object_type, object_id=object_id)
