"""A case's discussion for one reader: threads in words, who may be named, which pictures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from consult.access.model import Action
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.cases.recognition import service as recognition
from consult.discussion import rights
from consult.discussion import service as discussions
from consult.discussion.model import Chain, Message, MessageKind, Reference, Thread
from consult.discussion.service import Discussion
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports.second.matters import SecondRules
from server.rules.rulebook import Rulebook
from server.views.pictures import PictureUrls, holders_of, urls_of

_MOST_CHOICES = 24
_BLANK: Mapping[str, object] = MappingProxyType(
    {"text": "", "thread_id": "", "amends_id": "", "to": (), "references": ()}
)
_SIDES = {"right": "R", "left": "L"}


@dataclass(frozen=True, slots=True)
class TalkPicture:
    """A picture that a message may speak of; named as the films of the reading room are."""

    image_id: str
    side: str
    eye: str
    field: str
    kind: str
    frames: int
    urls: PictureUrls


@dataclass(frozen=True, slots=True)
class Pointed:
    """A picture that a message speaks of; None where it is not shown any more."""

    reference: Reference
    picture: TalkPicture | None


@dataclass(frozen=True, slots=True)
class Said:
    """One message as it stands now, and what it said before."""

    id: str
    newest_id: str
    number: int
    kind: MessageKind
    who: PersonName
    place: Institution
    is_mine: bool
    is_new: bool
    is_open: bool
    sent_at: datetime
    amended_at: datetime | None
    text: str
    to: Sequence[PersonName]
    pointed: Sequence[Pointed]
    earlier: Sequence[Message]


@dataclass(frozen=True, slots=True)
class TalkThread:
    """The first message and its replies."""

    id: str
    root: Said
    replies: Sequence[Said]
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """What the panel shows."""

    case: Case
    threads: Sequence[TalkThread]
    older: int | None
    messages: int
    newest: int
    unread: int
    open_questions: int
    people: Sequence[tuple[str, PersonName]]
    pictures: Sequence[TalkPicture]
    draft: Mapping[str, object]
    may_write: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up once for all messages."""

    names: Mapping[str, PersonName]
    places: Mapping[str, Institution]
    pictures: Mapping[str, TalkPicture]
    open_ids: Collection[str]
    read: int
    reader_id: str


def make_part(work: Work, case: Case, rules: Rulebook) -> Talk | None:
    """The panel on a case's page; None for whoever may not read the discussion."""
    if not rules.roles.permits(work.actor, Action.READ_DISCUSSION):
        return None
    second = rules.second
    if not rights.may_read_discussion(work, case, second=second):
        return None
    return make_talk(work, case, second=second)


def make_talk(
    work: Work, case: Case, *, before: int | None = None, second: SecondRules | None = None
) -> Talk:
    """The newest messages before a number; raises NotFoundError, DiscussionClosedError."""
    found = discussions.show_discussion(work, case.id, before=before, second=second)
    pictures = _pictures(work, case)
    known = _known(work, found, pictures)
    return Talk(
        case=case,
        threads=[_thread(thread, known) for thread in found.threads],
        older=found.older,
        messages=found.messages,
        newest=found.newest,
        unread=found.unread,
        open_questions=len(found.open_ids),
        people=[(each, known.names[each]) for each in found.people if each in known.names],
        pictures=_choices(pictures),
        draft={**_BLANK, **found.draft},
        may_write=found.may_write,
    )


def _known(work: Work, found: Discussion, pictures: Sequence[TalkPicture]) -> _Known:
    said = [
        message
        for thread in found.threads
        for chain in (thread.root, *thread.replies)
        for message in chain.versions
    ]
    people = {message.head.author_id for message in said} | set(found.people)
    people |= {each for message in said for each in message.to}
    places = {message.head.institution_id for message in said}
    return _Known(
        names=practitioners.names_of(work, people),
        places={each: organisations.get_institution(work, each) for each in sorted(places)},
        pictures={picture.image_id: picture for picture in pictures},
        open_ids=found.open_ids,
        read=found.read,
        reader_id=work.actor.person,
    )


def _thread(thread: Thread, known: _Known) -> TalkThread:
    chains = (thread.root, *thread.replies)
    return TalkThread(
        id=thread.root.first.head.id,
        root=_said(thread.root, known),
        replies=[_said(chain, known) for chain in thread.replies],
        may_answer=any(chain.first.head.kind is MessageKind.QUESTION for chain in chains),
    )


def _said(chain: Chain, known: _Known) -> Said:
    first, newest = chain.first.head, chain.newest
    is_mine = first.author_id == known.reader_id
    stored = PersonName(chain.first.author_name, "", "")
    return Said(
        id=first.id,
        newest_id=newest.head.id,
        number=first.number,
        kind=first.kind,
        who=known.names.get(first.author_id, stored),
        place=known.places[first.institution_id],
        is_mine=is_mine,
        is_new=newest.head.number > known.read and not is_mine,
        is_open=first.id in known.open_ids,
        sent_at=first.sent_at,
        amended_at=None if newest is chain.first else newest.head.sent_at,
        text=newest.text,
        to=[known.names[each] for each in newest.to if each in known.names],
        pointed=[Pointed(each, known.pictures.get(each.image_id)) for each in newest.references],
        earlier=chain.versions[:-1],
    )


def _pictures(work: Work, case: Case) -> list[TalkPicture]:
    found = images.list_case_images(work, case.id)
    shut = recognition.closed_images(work, case.id, found) | images.list_unsent(work, case, found)
    holders = holders_of(work, found)
    return [
        _picture(image, holders[image.instance.institution_id])
        for image in found
        if image.instance.has_picture and image.id not in shut
    ]


def _choices(pictures: Sequence[TalkPicture]) -> list[TalkPicture]:
    """What the form offers: of a stack without an eye its first picture, and no more than fit."""
    seen: set[str] = set()
    found = []
    for picture in pictures:
        series = picture.urls.full.rpartition("/instances/")[0]
        if picture.side or series not in seen:
            found.append(picture)
        seen.add(series)
    return found[:_MOST_CHOICES]


def _picture(image: CaseImage, holder: Institution) -> TalkPicture:
    eye = "" if image.eye is None else image.eye.value
    return TalkPicture(
        image_id=image.id,
        side=_SIDES.get(eye, ""),
        eye=eye,
        field="" if image.field is None else image.field.value,
        kind=image.instance.description.sop_class_uid,
        frames=image.instance.description.frames,
        urls=urls_of(image.instance, institution_code=holder.code),
    )
