"""A case's discussion as JSON."""

from collections.abc import Sequence

from pydantic import BaseModel

from consult.discussion.content import reference_as_json
from consult.discussion.model import Message, Unread
from server.views.discussion import Said, Talk, TalkThread


class ReferenceAnswer(BaseModel):
    """A picture of the case, its frame, and a pixel of it where one was named."""

    image_id: str
    frame: int
    point: list[int] | None


class MessageAnswer(BaseModel):
    """One message in the wording that counts; `id` is what an amendment names."""

    id: str
    number: int
    kind: str
    author: str
    institution_id: str
    is_mine: bool
    is_new: bool
    is_open: bool
    sent_at: str
    amended_at: str | None
    text: str
    references: list[ReferenceAnswer]
    earlier: list[str]


class ThreadAnswer(BaseModel):
    """The first message and its replies; `id` is what a reply names."""

    id: str
    messages: list[MessageAnswer]


class PersonAnswer(BaseModel):
    """Whom a message may name."""

    id: str
    name: str


class DiscussionAnswer(BaseModel):
    """The newest threads; `before` continues them."""

    threads: list[ThreadAnswer]
    before: int | None
    messages: int
    newest: int
    unread: int
    open_questions: int
    people: list[PersonAnswer]
    may_write: bool


class SentAnswer(BaseModel):
    """What was sent."""

    id: str
    number: int
    thread_id: str
    sent_at: str
    sha256: str


class DraftAnswer(BaseModel):
    """When it was kept."""

    saved_at: str


class ReadAnswer(BaseModel):
    """Up to which message the reader has read."""

    number: int


class UnreadCase(BaseModel):
    """How many unread messages of one case name the reader."""

    case_id: str
    messages: int


class UnreadAnswer(BaseModel):
    """Where messages name the reader that she has not read."""

    cases: list[UnreadCase]


def talk_as_json(talk: Talk) -> dict[str, object]:
    """The panel as data."""
    answer = DiscussionAnswer(
        threads=[_thread(thread) for thread in talk.threads],
        before=talk.older,
        messages=talk.messages,
        newest=talk.newest,
        unread=talk.unread,
        open_questions=talk.open_questions,
        people=[PersonAnswer(id=each, name=name.name) for each, name in talk.people],
        may_write=talk.may_write,
    )
    return answer.model_dump()


def sent_as_json(message: Message) -> dict[str, object]:
    """What was sent."""
    head = message.head
    answer = SentAnswer(
        id=head.id,
        number=head.number,
        thread_id=head.thread_id,
        sent_at=head.sent_at.isoformat(),
        sha256=message.sha256,
    )
    return answer.model_dump()


def unread_as_json(found: Sequence[Unread]) -> dict[str, object]:
    """Which cases, and how many messages."""
    cases = [UnreadCase(case_id=each.case_id, messages=each.messages) for each in found]
    return UnreadAnswer(cases=cases).model_dump()


def _thread(thread: TalkThread) -> ThreadAnswer:
    return ThreadAnswer(
        id=thread.id, messages=[_message(said) for said in (thread.root, *thread.replies)]
    )


def _message(said: Said) -> MessageAnswer:
    return MessageAnswer(
        id=said.newest_id,
        number=said.number,
        kind=said.kind.value,
        author=said.who.name,
        institution_id=said.place.id,
        is_mine=said.is_mine,
        is_new=said.is_new,
        is_open=said.is_open,
        sent_at=said.sent_at.isoformat(),
        amended_at=None if said.amended_at is None else said.amended_at.isoformat(),
        text=said.text,
        references=[
            ReferenceAnswer.model_validate(reference_as_json(each.reference))
            for each in said.pointed
        ],
        earlier=[message.text for message in said.earlier],
    )
