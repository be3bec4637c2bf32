"""The only SQL of discussions."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer
from sqlalchemy.sql.elements import ColumnElement

from consult.discussion.content import message_of
from consult.discussion.model import MOST_MESSAGES, Head, Message, Unread
from consult.discussion.tables import (
    DiscussionRow,
    MentionRow,
    MessageDraftRow,
    MessageRow,
    ReadRow,
)
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

_WITHOUT_CONTENT = defer(MessageRow.content)


def lock(session: Session, case_id: str) -> None:
    """Let nobody else send a message on this case before the unit ends."""
    known = select(DiscussionRow.messages).where(DiscussionRow.case_id == case_id)
    if session.scalar(known.with_for_update()) is not None:
        return
    try:
        with session.begin_nested():
            session.execute(insert(DiscussionRow), {"case_id": case_id, "messages": 0})
    except IntegrityError:
        session.scalar(known.with_for_update())


def take_number(session: Session, case_id: str) -> int | None:
    """The next message's number; None when the discussion is full."""
    return session.scalar(
        update(DiscussionRow)
        .where(DiscussionRow.case_id == case_id, DiscussionRow.messages < MOST_MESSAGES)
        .values(messages=DiscussionRow.messages + 1)
        .returning(DiscussionRow.messages)
        .execution_options(synchronize_session=False)
    )


def save_message(session: Session, message: Message, *, key: str) -> None:
    """Write a message and whom it names."""
    head = {name: getattr(message.head, name) for name in Head.__slots__}
    told = {"key": key, "content": message.content, "sha256": message.sha256}
    session.execute(insert(MessageRow), head | told)
    named = [
        {
            "person_id": person,
            "message_id": message.head.id,
            "case_id": message.head.case_id,
            "number": message.head.number,
        }
        for person in message.to
    ]
    if named:
        session.execute(insert(MentionRow), named)


def find_by_key(session: Session, author_id: str, key: str) -> Message | None:
    """What this person sent by this key."""
    statement = select(MessageRow).where(MessageRow.author_id == author_id, MessageRow.key == key)
    row = session.scalar(statement)
    return None if row is None else message_of(_head(row), row.content)


def find_head(session: Session, case_id: str, message_id: str) -> Head | None:
    """Where a message of this case stands."""
    row = session.scalar(
        select(MessageRow)
        .where(MessageRow.case_id == case_id, MessageRow.id == message_id)
        .options(_WITHOUT_CONTENT)
    )
    return None if row is None else _head(row)


def is_amended(session: Session, message_id: str) -> bool:
    """Whether another message stands in the place of this one."""
    return (
        session.scalar(select(MessageRow.id).where(MessageRow.amends_id == message_id)) is not None
    )


def list_heads(session: Session, case_id: str) -> list[Head]:
    """Every message of a case without its content, the first one first."""
    statement = select(MessageRow).where(MessageRow.case_id == case_id).options(_WITHOUT_CONTENT)
    rows = session.scalars(statement.order_by(MessageRow.number).limit(MOST_MESSAGES))
    return [_head(row) for row in rows]


def list_messages(
    session: Session, case_id: str, *, wanted: Collection[str] | None = None
) -> list[Message]:
    """The messages of a case in the order of sending: all, or those of these first wordings."""
    statement = select(MessageRow).where(MessageRow.case_id == case_id)
    if wanted is not None:
        statement = statement.where(MessageRow.first_id.in_(sorted(wanted)))
    rows = session.scalars(statement.order_by(MessageRow.number).limit(MOST_MESSAGES))
    return [message_of(_head(row), row.content) for row in rows]


def read_up_to(session: Session, case_id: str, reader_id: str) -> int:
    """The number of the last message that this reader has read; 0 before the first."""
    found = select(ReadRow.number).where(ReadRow.case_id == case_id, ReadRow.reader_id == reader_id)
    return session.scalar(found) or 0


def save_read(session: Session, case_id: str, reader_id: str, *, number: int, at: datetime) -> bool:
    """Move a reader on; False when she has read as far already."""
    moved = session.scalar(
        update(ReadRow)
        .where(ReadRow.case_id == case_id, ReadRow.reader_id == reader_id, ReadRow.number < number)
        .values(number=number, read_at=at)
        .returning(ReadRow.number)
        .execution_options(synchronize_session=False)
    )
    if moved is not None:
        return True
    row = {"case_id": case_id, "reader_id": reader_id, "number": number, "read_at": at}
    try:
        with session.begin_nested():
            session.execute(insert(ReadRow), row)
    except IntegrityError:
        return False
    return True


def list_unread(
    session: Session, person_id: str, *, seen: ColumnElement[bool], limit: int
) -> list[Unread]:
    """In which cases messages name this person that she has not read, the newest first."""
    read = and_(ReadRow.case_id == MentionRow.case_id, ReadRow.reader_id == MentionRow.person_id)
    statement = (
        select(MentionRow.case_id, func.count())
        .outerjoin(ReadRow, read)
        .where(
            MentionRow.person_id == person_id,
            or_(ReadRow.number.is_(None), MentionRow.number > ReadRow.number),
            seen,
        )
        .group_by(MentionRow.case_id)
        .order_by(func.max(MentionRow.message_id).desc(), MentionRow.case_id)
        .limit(limit)
    )
    return [Unread(CaseId(case_id), count) for case_id, count in session.execute(statement)]


def find_draft(session: Session, case_id: str, author_id: str) -> Mapping[str, object]:
    """What this person has not sent yet; empty where there is nothing."""
    row = session.get(MessageDraftRow, (case_id, author_id), populate_existing=True)
    return {} if row is None else row.content


def save_draft(
    session: Session, case_id: str, author_id: str, *, content: Mapping[str, object], at: datetime
) -> None:
    """Keep it in the place of what stood there."""
    row = MessageDraftRow(case_id=case_id, author_id=author_id, content=dict(content), saved_at=at)
    session.merge(row)


def drop_draft(session: Session, case_id: str, author_id: str) -> None:
    """It was sent."""
    session.execute(
        delete(MessageDraftRow).where(
            MessageDraftRow.case_id == case_id, MessageDraftRow.author_id == author_id
        )
    )


def _head(row: MessageRow) -> Head:
    return Head(
        id=row.id,
        case_id=CaseId(row.case_id),
        number=row.number,
        thread_id=row.thread_id,
        first_id=row.first_id,
        amends_id=row.amends_id,
        kind=row.kind,
        author_id=PractitionerId(row.author_id),
        institution_id=InstitutionId(row.institution_id),
        sent_at=row.sent_at,
    )
