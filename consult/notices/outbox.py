"""What waits to be sent, and what became of a try."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from consult.kernel.errors import Fact
from consult.kernel.work import Entry, Work
from consult.notices import service, store
from consult.notices.model import Notice, NoticeRules, NoticeState, Way


@dataclass(frozen=True, slots=True)
class Message:
    """What goes by one way at once."""

    way: Way
    secret: str
    notices: Sequence[Notice]


def list_due_ways(work: Work, *, without: Collection[str], limit: int) -> list[str]:
    """The ways by which something is to go now."""
    if limit < 1:
        return []
    return store.list_due_ways(work.session, now=work.now, without=without, limit=limit)


def find_message(work: Work, *, way_id: str, rules: NoticeRules) -> Message | None:
    """What goes by a way now; None where it was removed or nothing is due."""
    row = store.find_row(work.session, way_id)
    if row is None:
        return None
    due = store.list_due(work.session, way_id, now=work.now, limit=rules.most_lines)
    secret = service.secret_of(work, row)
    return Message(service.opened(work, row), secret, due) if due else None


def note_sent(work: Work, *, way_id: str, notice_ids: Collection[str]) -> None:
    """A message arrived: the way works."""
    store.save_settled(work.session, notice_ids, state=NoticeState.SENT, at=work.now)
    values = {
        "tries": 0,
        "rests_until": None,
        "failing_since": None,
        "failure": "",
        "sent_at": work.now,
    }
    store.save_values(work.session, way_id, values)
    codes = {"notices": len(notice_ids)}
    work.journal(Entry("notice.sent", "notice_way", way_id, codes=codes))


def note_failed(work: Work, *, way_id: str, failure: str, rules: NoticeRules) -> None:
    """A message did not arrive: what has waited too long is given up, and the way rests.

    It rests less while something urgent waits there.
    """
    row = store.find_row(work.session, way_id)
    if row is None:
        return
    tries = row.tries + 1
    older_than = work.now - rules.give_up_after
    given_up: list[str] = []
    # a house that stood still, or a clock that jumped, has not tried for so long
    if row.failing_since is not None and row.failing_since <= older_than:
        given_up = store.give_up(work.session, way_id, older_than=older_than, at=work.now)
    is_urgent = store.has_urgent(work.session, way_id)
    values = {
        "tries": tries,
        "rests_until": work.now + rules.wait_after(tries, is_urgent=is_urgent),
        "failing_since": row.failing_since or work.now,
        "failure": failure,
    }
    store.save_values(work.session, way_id, values)
    codes: dict[str, Fact] = {"failure": failure, "tries": tries, "given_up": len(given_up)}
    work.journal(Entry("notice.failed", "notice_way", way_id, codes=codes))
