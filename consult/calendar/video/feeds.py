"""A person's subscription address: made, replaced, taken back, and who stands behind one."""

from datetime import datetime

from consult.access.model import ObjectType
from consult.calendar.video import offer_store
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Entry, Work
from consult.people.practitioners import affiliations


def make_feed(work: Work, *, token_hash: str) -> None:
    """Give the actor an address; the one before it opens nothing any more."""
    person = work.actor.person
    offer_store.save_feed(work.session, person, token_hash=token_hash, at=work.now)
    work.journal(Entry("calendar_feed.made", ObjectType.PRACTITIONER, person))


def drop_feed(work: Work) -> bool:
    """Take the actor's address back; False where there is none."""
    person = work.actor.person
    is_gone = offer_store.drop_feed(work.session, person)
    if is_gone:
        work.journal(Entry("calendar_feed.dropped", ObjectType.PRACTITIONER, person))
    return is_gone


def find_feed(work: Work) -> datetime | None:
    """Since when the actor has an address."""
    return offer_store.find_feed(work.session, work.actor.person)


def owner_of(work: Work, token_hash: str) -> str:
    """Whose address this is; raises NotFoundError for none, and where the person works nowhere."""
    person = offer_store.find_feed_owner(work.session, token_hash)
    if person is None or not affiliations.list_holding(work, person):
        raise NotFoundError
    return person
