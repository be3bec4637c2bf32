"""Whether others may have relied on a picture: such a one is corrected, and never changed."""

from collections.abc import Iterable

from consult.cases.images.errors import ImageSentError
from consult.cases.images.model import ImageRow
from consult.cases.model import Case
from consult.cases.returns import store as return_store
from consult.kernel.work import Work


def was_sent(work: Work, case: Case, row: ImageRow) -> bool:
    """Whether a reader may have relied on it, at the first submission or at a later one."""
    back = return_store.find_live(work.session, case.id)
    sent_until = case.submitted_at if back is None else back.returned_at
    return sent_until is not None and row.added_at <= sent_until


def require_unsent(work: Work, case: Case, rows: Iterable[ImageRow]) -> None:
    """Raise ImageSentError where one of them was confirmed and sent."""
    if any(row.was_confirmed and was_sent(work, case, row) for row in rows):
        raise ImageSentError
