"""The one policy function: every door asks it, and it reads only custody and grants."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import BindParameter, Select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.elements import ColumnElement

from consult.access import store
from consult.access.model import FOR_PICTURES, ObjectType, Party, Ref
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor, Work


def may_see(session: Session, actor: Actor, ref: Ref, *, now: datetime) -> bool:
    """Whether the actor's institution, consortia or person holds the object or was granted it."""
    if actor.is_system:
        return True
    return not parties_of(actor).isdisjoint(store.find_parties(session, ref, now=now))


def may_take_out(work: Work, ref: Ref) -> bool:
    """Whether it may leave the house in the actor's name: an emergency is for reading (ID-11)."""
    actor = replace(work.actor, is_reading=False)
    return may_see(work.session, actor, ref, now=work.now)


def audiences_of(
    session: Session, refs: Collection[Ref], *, now: datetime
) -> Mapping[Ref, frozenset[tuple[Party, str]]]:
    """Everybody who may see each: what `may_see` says of one actor, asked once for all of them."""
    found: dict[Ref, frozenset[tuple[Party, str]]] = {}
    for kind in {ref.type for ref in refs}:
        ids = {ref.id for ref in refs if ref.type is kind}
        for object_id, parties in store.list_parties(session, kind, ids, now=now).items():
            found[Ref(kind, object_id)] = frozenset(parties)
    return found


def parties_of(actor: Actor) -> frozenset[tuple[Party, str]]:
    """As whom an actor may see: one of them in the audience is enough."""
    found = {(Party.CONSORTIUM, str(each)) for each in actor.consortium_ids}
    if actor.institution_id:
        found.add((Party.INSTITUTION, actor.institution_id))
    if actor.practitioner_id:
        found.add((Party.PRACTITIONER, actor.practitioner_id))
        if actor.is_reading:
            found.add((Party.EMERGENCY, actor.practitioner_id))
    return frozenset(found)


def sees_more_than_pictures(work: Work, ref: Ref) -> bool:
    """Whether a study is the actor's for more than its pictures: what a report left there too.

    An exam that is recognised, and an earlier one that one person opened beside a case (0232), are
    open for their pictures alone.
    """
    parties = parties_of(work.actor)
    if work.actor.is_system or store.find_custodian(work.session, ref) in parties:
        return True
    return any(
        (row.grantee_type, row.grantee_id) in parties
        and row.grantee_type is not Party.PRACTITIONER
        and not row.why.startswith(FOR_PICTURES)
        for row in store.list_grants(work.session, ref, now=work.now)
    )


def require_seen(work: Work, ref: Ref) -> None:
    """Raises NotFoundError unless the actor may see it: "not yours" looks like "not there"."""
    if not may_see(work.session, work.actor, ref, now=work.now):
        raise NotFoundError


def require_own(work: Work, ref: Ref) -> None:
    """Raises NotFoundError unless the acting institution is the object's custodian."""
    custodian = store.find_custodian(work.session, ref)
    if custodian != (Party.INSTITUTION, work.actor.institution_id) and not work.actor.is_system:
        raise NotFoundError


def is_open_to(work: Work, ref: Ref, institution_id: str) -> bool:
    """Whether this institution holds the object or was granted it."""
    found = store.find_parties(work.session, ref, now=work.now)
    return (Party.INSTITUTION, institution_id) in found


def visible_ids(work: Work, object_type: ObjectType) -> Select[str]:
    """The ids of this type that the actor may see, for a search to join."""
    return store.select_visible(object_type, parties_of(work.actor), now=work.now)


def countable_ids(work: Work, object_type: ObjectType) -> Select[str]:
    """The ids on which counts and files rest that leave: an emergency is for reading (ID-11)."""
    actor = replace(work.actor, is_reading=False)
    return store.select_visible(object_type, parties_of(actor), now=work.now)


def seen_clause(
    work: Work, object_type: ObjectType, object_id: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """The same for a search that finds its rows by its own index: asked of each row found."""
    return store.visible_clause(object_type, object_id, parties_of(work.actor), now=work.now)


def countable_by(
    work: Work, object_type: ObjectType, object_id: ColumnElement[str]
) -> tuple[ColumnElement[bool], Mapping[str, object]]:
    """What `countable_ids` finds, asked of each row that another index found, and its values."""
    parties = parties_of(replace(work.actor, is_reading=False))
    clause = store.seen_by(object_type, object_id, parties=len(parties))
    return clause, store.seers(parties, now=work.now)


def seen_by(
    object_type: ObjectType, object_id: ColumnElement[str], *, parties: int
) -> ColumnElement[bool]:
    """The same for a search that is built once for so many parties; `seers` has its values."""
    return store.seen_by(object_type, object_id, parties=parties)


def seers(work: Work) -> tuple[int, dict[str, object]]:
    """As how many parties the actor may see, and the values by which `seen_by` is asked."""
    parties = parties_of(work.actor)
    return len(parties), store.seers(parties, now=work.now)


def emergency_until(
    practitioner_id: InstrumentedAttribute[str], *, now: datetime | BindParameter[datetime]
) -> Select[datetime | None]:
    """Until when foreign records are open to this person, for a question about her to ask too."""
    return store.select_last_end((Party.EMERGENCY, practitioner_id), now=now)
