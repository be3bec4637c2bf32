"""What people on both sides of a case write to each other: sent once, never changed (Q-11)."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

MOST_MESSAGES: Final = 500
LONGEST_TEXT: Final = 2000
MOST_NAMED: Final = 10
MOST_REFERENCES: Final = 12
PAGE: Final = 50

Pixel = tuple[int, int]
"""Column and row of a pixel, the first is (0, 0)."""


class MessageKind(enum.StrEnum):
    """What a message is to the others."""

    QUESTION = "question"
    ANSWER = "answer"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture of the case that a message speaks of: which frame, and where in it."""

    image_id: str
    frame: int
    point: Pixel | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message as it came through the door; `key` makes a repeated sending the same one."""

    key: str
    kind: MessageKind
    text: str = field(repr=False)
    thread_id: str | None = None
    amends_id: str | None = None
    to: Sequence[str] = ()
    references: Sequence[Reference] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """Where a message stands in its case: the first of a thread, a reply, or an amendment.

    `thread_id` is the id of the thread's first message, `first_id` that of the wording which this
    one amends, through however many amendments; a message that is the first names itself.
    """

    id: str
    case_id: CaseId
    number: int
    thread_id: str
    first_id: str
    amends_id: str | None
    kind: MessageKind
    author_id: PractitionerId
    institution_id: InstitutionId
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `content` are the bytes that were sent, whose hash the journal has."""

    head: Head
    author_name: str
    to: tuple[PractitionerId, ...]
    text: str = field(repr=False)
    references: tuple[Reference, ...]
    content: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Chain:
    """A message in all its wordings, the first one first; the last one counts."""

    versions: tuple[Message, ...]

    @property
    def first(self) -> Message:
        """As it was sent first, which gives it its place."""
        return self.versions[0]

    @property
    def newest(self) -> Message:
        """What it says now."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Thread:
    """A message and what was replied to it, in the order of sending."""

    root: Chain
    replies: tuple[Chain, ...]

    @property
    def newest_number(self) -> int:
        """The number of its newest message, amendments among them."""
        return max(chain.newest.head.number for chain in (self.root, *self.replies))


@dataclass(frozen=True, slots=True)
class Summary:
    """That a discussion took place, without a word of it."""

    messages: int
    open_questions: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unread:
    """How many messages of one case name this reader and were not read by her."""

    case_id: CaseId
    messages: int


def threads_of(messages: Iterable[Message]) -> list[Thread]:
    """Messages of one case as threads, the one with the newest message first."""
    chains: dict[str, list[Message]] = {}
    for message in sorted(messages, key=lambda each: each.head.number):
        chains.setdefault(message.head.first_id, []).append(message)
    threads: dict[str, list[Chain]] = {}
    for versions in chains.values():
        chain = Chain(tuple(versions))
        threads.setdefault(chain.first.head.thread_id, []).append(chain)
    found = [Thread(root, tuple(replies)) for root, *replies in threads.values()]
    return sorted(found, key=lambda thread: thread.newest_number, reverse=True)


def open_questions(heads: Iterable[Head]) -> list[Head]:
    """In each thread the newest question, where no answer came after it."""
    found: dict[str, Head] = {}
    for head in sorted(heads, key=lambda each: each.number):
        if head.amends_id is not None:
            continue
        if head.kind is MessageKind.QUESTION:
            found[head.thread_id] = head
        elif head.kind is MessageKind.ANSWER:
            found.pop(head.thread_id, None)
    return list(found.values())


def summary_of(heads: Sequence[Head]) -> Summary:
    """How much was written, and from when to when."""
    return Summary(
        messages=len(heads),
        open_questions=len(open_questions(heads)),
        first_at=min((head.sent_at for head in heads), default=None),
        last_at=max((head.sent_at for head in heads), default=None),
    )
