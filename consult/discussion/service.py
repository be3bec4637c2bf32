"""Writing to each other on a case, and reading what was written.

Finding what stands on a case for other stages (dossier, supervision) is in records.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from consult.access import policy
from consult.access.model import ObjectType
from consult.annotations import service as annotations
from consult.cases import service as cases
from consult.cases.model import Case
from consult.discussion import people, rights, store
from consult.discussion.checking import Known, check
from consult.discussion.content import make_message
from consult.discussion.errors import AmendedAlreadyError, DiscussionFullError, KeyUsedError
from consult.discussion.model import (
    MOST_MESSAGES,
    PAGE,
    Head,
    Message,
    Thread,
    Unread,
    Wanted,
    open_questions,
    threads_of,
)
from consult.discussion.tables import MentionRow
from consult.kernel.errors import Fact, FieldProblem, FormRefusedError
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Entry, Work
from consult.people.practitioners import service as practitioners
from consult.reports.second.matters import SecondRules

MOST_UNREAD_CASES: Final = 20
_MOST_LOOKED_AT: Final = 200
SENT: Final = "discussion.sent"


@dataclass(frozen=True, slots=True)
class Discussion:
    """What one reader is shown: threads, and how much of it is new to her or waits for an answer.

    `older` is the number before which to ask on; None where nothing older is there.
    """

    case: Case
    threads: list[Thread]
    older: int | None
    messages: int
    newest: int
    read: int
    unread: int
    open_ids: frozenset[str]
    people: list[PractitionerId]
    draft: Mapping[str, object]
    may_write: bool


def show_discussion(
    work: Work, case_id: str, *, before: int | None = None, second: SecondRules | None = None
) -> Discussion:
    """The newest messages before a number, in their threads, for whoever may read them."""
    case = rights.get_readable(work, case_id, second=second)
    heads = store.list_heads(work.session, case.id)
    below = [head for head in heads if before is None or head.number < before]
    window = below[-PAGE:]
    wanted = {head.first_id for head in window} | {head.thread_id for head in window}
    read = store.read_up_to(work.session, case.id, work.actor.person)
    return Discussion(
        case=case,
        threads=threads_of(store.list_messages(work.session, case.id, wanted=wanted)),
        older=window[0].number if len(below) > PAGE else None,
        messages=len(heads),
        newest=heads[-1].number if heads else 0,
        read=read,
        unread=sum(head.number > read and head.author_id != work.actor.person for head in heads),
        open_ids=frozenset(head.first_id for head in open_questions(heads)),
        people=people.list_people(work, case, heads),
        draft=store.find_draft(work.session, case.id, work.actor.person),
        may_write=rights.may_write(work, case, second=second),
    )


def send_message(
    work: Work, *, case_id: str, wanted: Wanted, second: SecondRules | None = None
) -> Message:
    """Send a message; the same key again is the same message.

    Raises FormRefusedError with every field that is wrong, DiscussionClosedError on a case that
    has ended, DiscussionFullError, KeyUsedError, AmendedAlreadyError.
    """
    case = rights.get_writable(work, case_id, second=second)
    store.lock(work.session, case.id)
    sent = store.find_by_key(work.session, work.actor.person, wanted.key)
    if sent is not None:
        return _as_sent(case, sent, wanted)
    heads = store.list_heads(work.session, case.id)
    settled, thread = _settle(work, wanted, heads)
    known = Known(
        thread=thread,
        people=people.list_people(work, case, heads),
        canvases=annotations.canvases_of(work, case),
    )
    check(settled, known)
    if not settled.to and (other := people.addressee(work, case, thread)) is not None:
        settled = replace(settled, to=(other,))
    message = _make(work, case, settled, heads)
    store.save_message(work.session, message, key=wanted.key)
    store.drop_draft(work.session, case.id, work.actor.person)
    _journal(work, case, message)
    return message


def mark_read(work: Work, *, case_id: str, number: int, second: SecondRules | None = None) -> int:
    """The actor has read up to this message; up to which one she has by now."""
    case = rights.get_readable(work, case_id, second=second)
    heads = store.list_heads(work.session, case.id)
    reached = min(number, heads[-1].number if heads else 0)
    if reached and store.save_read(
        work.session, case.id, work.actor.person, number=reached, at=work.now
    ):
        work.journal(_entry(case, "discussion.read", {"number": reached}))
    return store.read_up_to(work.session, case.id, work.actor.person)


def save_draft(
    work: Work,
    *,
    case_id: str,
    content: Mapping[str, object],
    second: SecondRules | None = None,
) -> datetime:
    """Keep what the actor has written and not sent yet, since when; nobody else reads it."""
    case = rights.get_writable(work, case_id, second=second)
    store.save_draft(work.session, case.id, work.actor.person, content=content, at=work.now)
    work.journal(_entry(case, "discussion.draft_saved", {}))
    return work.now


def list_unread(work: Work, *, second: SecondRules | None = None) -> list[Unread]:
    """In which cases whose discussion she may read messages name the actor that she has not read.

    Whoever may come to read a case second is not told that anything was said of it (Q-10).
    """
    seen = policy.seen_clause(work, ObjectType.CASE, MentionRow.case_id)
    found = store.list_unread(work.session, work.actor.person, seen=seen, limit=_MOST_LOOKED_AT)
    open_to_her = (each for each in found if _may_read(work, each.case_id, second))
    return list(islice(open_to_her, MOST_UNREAD_CASES))


def _may_read(work: Work, case_id: str, second: SecondRules | None) -> bool:
    case = cases.find_seen(work, case_id)
    return case is not None and rights.may_read_discussion(work, case, second=second)


def _as_sent(case: Case, sent: Message, wanted: Wanted) -> Message:
    if sent.head.case_id != case.id or sent.text != wanted.text:
        raise KeyUsedError(case.id)
    return sent


def _settle(work: Work, wanted: Wanted, heads: list[Head]) -> tuple[Wanted, list[Head]]:
    """The message with what its place decides, and what stands in its thread already."""
    by_id = {head.id: head for head in heads}
    if wanted.amends_id is not None:
        before = by_id.get(wanted.amends_id)
        if before is None or before.author_id != work.actor.person:
            raise FormRefusedError([FieldProblem("amends_id", "message-not-yours")])
        if store.is_amended(work.session, before.id):
            raise AmendedAlreadyError(before.id)
        wanted = replace(wanted, kind=before.kind, thread_id=before.thread_id)
    if wanted.thread_id is None:
        return wanted, []
    thread = [head for head in heads if head.thread_id == wanted.thread_id]
    if not thread:
        raise FormRefusedError([FieldProblem("thread_id", "message-no-thread")])
    return wanted, thread


def _make(work: Work, case: Case, wanted: Wanted, heads: list[Head]) -> Message:
    number = store.take_number(work.session, case.id)
    if number is None:
        raise DiscussionFullError(case.id, most=MOST_MESSAGES)
    own_id, person = new_id(), work.actor.person
    before = next((head for head in heads if head.id == wanted.amends_id), None)
    head = Head(
        id=own_id,
        case_id=case.id,
        number=number,
        thread_id=wanted.thread_id or own_id,
        first_id=own_id if before is None else before.first_id,
        amends_id=wanted.amends_id,
        kind=wanted.kind,
        author_id=person,
        institution_id=work.actor.institution,
        sent_at=work.now,
    )
    return make_message(
        head,
        author_name=practitioners.names_of(work, [person])[person].name,
        to=[PractitionerId(each) for each in dict.fromkeys(wanted.to)],
        text=wanted.text,
        references=wanted.references,
        salt=new_id(),
    )


def _journal(work: Work, case: Case, message: Message) -> None:
    """Ids, numbers and the salted hash: not a word of what was written."""
    head = message.head
    codes: Mapping[str, Fact] = {
        "message": head.id,
        "number": head.number,
        "kind": head.kind.value,
        "thread": head.thread_id,
        "amends": head.amends_id,
        "to": " ".join(message.to),
        "pictures": len(message.references),
        "sha256": message.sha256,
    }
    work.journal(_entry(case, SENT, codes))


def _entry(case: Case, kind: str, codes: Mapping[str, Fact]) -> Entry:
    return Entry(
        kind, ObjectType.CASE, case.id, codes=codes, case_id=case.id, patient_id=case.patient_id
    )
