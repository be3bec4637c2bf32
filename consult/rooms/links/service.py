"""What somebody in the house does with links: make one, see who came by them, take one back."""

from datetime import timedelta

from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.rooms import store as rooms_store
from consult.rooms.errors import RoomCrowdedError
from consult.rooms.journalling import journal_of
from consult.rooms.links import store
from consult.rooms.links.errors import NotInviterError
from consult.rooms.links.model import MOST_LINKS, Link, LinkFor
from consult.rooms.links.tables import LinkRow
from consult.rooms.model import KnockState
from consult.rooms.rights import Talks, may_call, require_open, require_place, require_talking
from consult.rooms.tables import RoomRow


def make_link(
    work: Work, *, case_id: str, for_whom: LinkFor, lasts: timedelta, token_hash: str, talks: Talks
) -> Link:
    """A link for a person without an account into the open room of a case.

    Raises NotInviterError, RoomNotOpenError, RoomCrowdedError and as `require_talking`.
    """
    case, row = _require_inviter(work, case_id, talks=talks)
    link_id = new_id()
    return _save(
        work,
        case,
        LinkRow(
            id=link_id,
            room_id=row.id,
            for_whom=for_whom,
            person_id=link_id,
            institution_id=work.actor.institution,
            made_by=work.actor.person,
            made_at=work.now,
            expires_at=work.now + lasts,
            token_hash=token_hash,
            tries=0,
        ),
    )


def make_companion(
    work: Work, *, case_id: str, lasts: timedelta, token_hash: str, talks: Talks
) -> Link:
    """A link by which the actor's own telephone joins her in the room (U30).

    What she made before and has not used is taken back. Raises NotAdmittedError.
    """
    place = require_place(work, case_id, talks=talks)
    case = require_talking(work, case_id, talks=talks)
    require_open(work, case, locked=True)
    for each in store.list_links(work, place.room.id):
        if _is_own_companion(work, each) and each.used_at is None:
            _revoke(work, case, each)
    return _save(
        work,
        case,
        LinkRow(
            id=new_id(),
            room_id=place.room.id,
            for_whom=LinkFor.COMPANION,
            person_id=work.actor.person,
            institution_id=work.actor.institution,
            made_by=work.actor.person,
            made_at=work.now,
            expires_at=work.now + lasts,
            token_hash=token_hash,
            tries=0,
        ),
    )


def list_links(work: Work, case_id: str, *, talks: Talks) -> list[Link]:
    """The links of guests into the open room; raises as `make_link`."""
    _case, row = _require_inviter(work, case_id, talks=talks)
    return [each for each in store.list_links(work, row.id) if each.is_guest]


def revoke_link(work: Work, *, case_id: str, link_id: str, talks: Talks) -> Link:
    """Take a link back; whoever came in by it is out. Raises NotFoundError and as `make_link`."""
    case, row = _require_inviter(work, case_id, talks=talks)
    link = store.find_link(work, link_id)
    if link is None or link.room_id != row.id or not link.is_guest:
        raise NotFoundError
    _revoke(work, case, link)
    rooms_store.answer_knock(
        work.session, row.id, link.person_id, state=KnockState.TURNED_AWAY, at=work.now
    )
    return link


def guests_in(work: Work, room_ids: list[str]) -> dict[str, Link]:
    """Who came into these rooms by a link, by their ids there; policy is the caller's to ask."""
    return {each.person_id: each for each in store.list_guests(work, room_ids)}


def has_guests(work: Work, case_id: str) -> bool:
    """Whether somebody used a link into the open room; policy is the caller's to ask."""
    row = rooms_store.find_open(work.session, case_id)
    return row is not None and bool(store.list_guests(work, [row.id]))


def _require_inviter(work: Work, case_id: str, *, talks: Talks) -> tuple[Case, RoomRow]:
    case = require_talking(work, case_id, talks=talks)
    row = require_open(work, case, locked=True)
    if row.host_id != work.actor.practitioner_id and not may_call(work, case):
        raise NotInviterError
    return case, row


def _save(work: Work, case: Case, row: LinkRow) -> Link:
    if len(store.list_links(work, row.room_id)) >= MOST_LINKS:
        raise RoomCrowdedError(case.id)
    work.session.add(row)
    work.session.flush()
    journal_of(
        work,
        case,
        "room.link_made",
        row.room_id,
        link=row.id,
        for_whom=row.for_whom.value,
        until=row.expires_at.isoformat(),
    )
    return store.link_of(work, row)


def _revoke(work: Work, case: Case, link: Link) -> None:
    if store.revoke(work.session, link.id, at=work.now):
        journal_of(work, case, "room.link_revoked", link.room_id, link=link.id)


def _is_own_companion(work: Work, link: Link) -> bool:
    return not link.is_guest and link.made_by == work.actor.practitioner_id
