"""The only SQL of windows and subscription addresses."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from consult.calendar.model import SlotStatus
from consult.calendar.tables import SlotRow
from consult.calendar.timetable import Span
from consult.calendar.video.model import Window
from consult.calendar.video.tables import FeedRow, WindowRow
from consult.kernel.ids import InstitutionId, PractitionerId

_DAY = timedelta(days=1)


def save_window(session: Session, row: WindowRow) -> None:
    """Write a new window."""
    session.add(row)
    session.flush()


def save_end(session: Session, window_id: str, *, at: datetime) -> bool:
    """End a window; False where it has ended."""
    statement = (
        update(WindowRow)
        .where(WindowRow.id == window_id, WindowRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(WindowRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def list_windows(session: Session, experts: Collection[str], *, on: date) -> list[Window]:
    """What these experts offer from about this day on."""
    statement = (
        select(WindowRow)
        .where(
            WindowRow.expert_id.in_(sorted(experts)),
            WindowRow.ended_at.is_(None),
            WindowRow.day_until >= on - _DAY,
        )
        .order_by(WindowRow.day_from, WindowRow.start, WindowRow.id)
    )
    return [_window(row) for row in session.scalars(statement)]


def find_window(session: Session, window_id: str) -> Window | None:
    """A window that has not ended."""
    found = session.scalar(
        select(WindowRow).where(WindowRow.id == window_id, WindowRow.ended_at.is_(None))
    )
    return None if found is None else _window(found)


def clinic_times(
    session: Session, physician_id: str, *, since: datetime, until: datetime
) -> Sequence[Span]:
    """When a physician sees patients: her slots that were not stopped."""
    statement = select(SlotRow.starts_at, SlotRow.ends_at).where(
        SlotRow.physician_id == physician_id,
        SlotRow.status != SlotStatus.STOPPED,
        SlotRow.ends_at > since,
        SlotRow.starts_at < until,
    )
    return [(starts_at, ends_at) for starts_at, ends_at in session.execute(statement)]


def save_feed(session: Session, person_id: str, *, token_hash: str, at: datetime) -> None:
    """Give a person an address; the one before it opens nothing any more."""
    drop_feed(session, person_id)
    row = {"person_id": person_id, "token_hash": token_hash, "made_at": at}
    session.execute(insert(FeedRow), row)


def drop_feed(session: Session, person_id: str) -> bool:
    """Take a person's address back; False where there is none."""
    statement = delete(FeedRow).where(FeedRow.person_id == person_id).returning(FeedRow.person_id)
    return session.scalar(statement) is not None


def find_feed_owner(session: Session, token_hash: str) -> str | None:
    """Whose address this is."""
    return session.scalar(select(FeedRow.person_id).where(FeedRow.token_hash == token_hash))


def find_feed(session: Session, person_id: str) -> datetime | None:
    """Since when a person has an address."""
    return session.scalar(select(FeedRow.made_at).where(FeedRow.person_id == person_id))


def _window(row: WindowRow) -> Window:
    return Window(
        id=row.id,
        expert_id=PractitionerId(row.expert_id),
        institution_id=InstitutionId(row.institution_id),
        day_from=row.day_from,
        day_until=row.day_until,
        weekdays=frozenset(row.weekdays),
        start=time.fromisoformat(row.start),
        end=time.fromisoformat(row.end),
        minutes=row.minutes,
    )
