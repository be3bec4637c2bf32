"""Signing windows (签名时段): one proof, then some reports for a while, from one browser (U19).

Which reports may be signed in one, the reports' own rules say; here is for how long and how many.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from consult.kernel.errors import Fact
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work
from consult.people.sessions import window_store as store
from consult.people.sessions.errors import WindowMovedError, WindowOverError
from consult.people.sessions.model import OpenWindow, Window
from consult.people.sessions.tables import SigningWindowRow


@dataclass(frozen=True, slots=True)
class WindowRules:
    """How long a window lasts, without a hand on the page, for how many reports, and its proof."""

    lasts: timedelta
    idle: timedelta
    reports: int
    needs_second_factor: bool


def open_window(work: Work, *, rules: WindowRules, address: str) -> Window:
    """Open a window for the actor's session; the door has asked who she is."""
    end_window(work, why="renewed")
    row = SigningWindowRow(
        id=new_id(),
        session_id=work.actor.session_id or "",
        practitioner_id=work.actor.person,
        address=address,
        opened_at=work.now,
        until=work.now + rules.lasts,
        touched_at=work.now,
        reports_left=rules.reports,
    )
    store.save_window(work.session, row)
    codes: Mapping[str, Fact] = {
        "window": row.id,
        "until": row.until.isoformat(),
        "reports": row.reports_left,
    }
    work.journal(Entry("signing_window.opened", "session", row.session_id, codes=codes))
    return Window(row.id, row.until, row.reports_left)


def find_window(work: Work, *, idle: timedelta) -> Window | None:
    """The actor's open window in this session, on which a hand was not longer ago than `idle`."""
    row = store.find_open(work.session, work.actor.session_id or "", now=work.now, idle=idle)
    return None if row is None else Window(row.id, row.until, row.reports_left)


def why_over(window: OpenWindow, *, address: str, idle: timedelta, now: datetime) -> str | None:
    """Why a window ends at the request that found it, if it does."""
    if window.until <= now:
        return "time"
    if window.address != address:
        return "address"
    is_idle = window.touched_at is None or now - window.touched_at >= idle
    return "idle" if is_idle else None


def touch_window(work: Work) -> None:
    """A hand is on a page of the actor's session; what a page does by itself is none."""
    store.touch(work.session, work.actor.session_id or "", now=work.now)


def spend_window(work: Work, *, address: str, idle: timedelta) -> Window:
    """Sign one report in the window; raises WindowOverError or WindowMovedError."""
    row = store.find_open(work.session, work.actor.session_id or "", now=work.now, idle=idle)
    if row is None:
        raise WindowOverError
    if row.address != address:
        raise WindowMovedError
    left = store.spend(work.session, row.id, now=work.now)
    if left is None:
        raise WindowOverError
    if left == 0:
        end_window(work, why="used")
    return Window(row.id, row.until, left)


def end_window(work: Work, *, why: str) -> None:
    """End the window of the actor's session, if there is one."""
    end_window_of(work, session_id=work.actor.session_id or "", why=why)


def end_window_of(work: Work, *, session_id: str, why: str) -> None:
    """End the window of this session, if there is one; one whose time was over ended by that."""
    for window_id, until in store.end_all(work.session, session_id, at=work.now):
        codes = {"window": window_id, "why": "time" if until <= work.now else why}
        work.journal(Entry("signing_window.ended", "session", session_id, codes=codes))


def end_past(work: Work) -> None:
    """End every window whose time is over, or whose session is."""
    for session_id in store.list_past(work.session, now=work.now):
        end_window_of(work, session_id=session_id, why="session")
