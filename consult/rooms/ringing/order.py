"""Whom a call rings, and in which order: who is on the case first, then the panel's members."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from consult.calendar.video.door import find_open_door
from consult.cases.model import Case
from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Actor, Role, Work
from consult.people.duty import leaves
from consult.people.duty import service as duty
from consult.people.organisations import panels
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.queue import service as queue
from consult.rooms.rights import Talks
from consult.rooms.ringing.model import RingRules, Rung

_PHYSICIAN = Role.REQUESTING_PHYSICIAN
_CLINIC = frozenset({_PHYSICIAN, Role.PHOTOGRAPHER})
_PANEL = frozenset({Role.EXPERT})
_MOST_FAR: Final = 100


def list_to_ring(
    work: Work, case: Case, *, rules: RingRules, talks: Talks, is_first: bool = True
) -> list[Rung]:
    """The other side of the case for whoever calls: nobody on leave, nobody who reads blind.

    At the time of a booked session the first round rings whoever it is booked with, alone.
    """
    is_clinic = work.actor.institution_id == case.institution_id
    place = case.invited_institution_id if is_clinic else case.institution_id
    roles = _PANEL if is_clinic else _CLINIC
    if place is None:
        return []
    found = _experts(work, case) if is_clinic else _clinic(work, case)
    people = list(dict.fromkeys(found))
    booked = _booked(work, case) & set(people) if is_first else set()
    people = [each for each in people if each in booked] or people
    away = leaves.away_today(work, people, institution_id=place)
    rung = (
        Rung(person, place)
        for person in people
        if person not in away
        and person != work.actor.practitioner_id
        and _works_there(work, person, place, roles)
        and talks(_as(work, person, place), case)
    )
    return [each for _, each in zip(range(rules.most_people), rung, strict=False)]


def list_far_side(work: Work, case: Case) -> list[PractitionerId]:
    """Who of the other side may be asked about the case, whether or not she is there today."""
    is_clinic = work.actor.institution_id == case.institution_id
    found = _experts(work, case) if is_clinic else _clinic(work, case)
    people = (each for each in found if each != work.actor.practitioner_id)
    return list(islice(dict.fromkeys(people), _MOST_FAR))


def _experts(work: Work, case: Case) -> Iterator[PractitionerId]:
    """Whose session it is, who has taken the case, then the panel, who is on duty first."""
    session = find_open_door(work, case)
    if session is not None:
        yield session.expert_id
    claim = queue.find_claim(work, case.id)
    if claim is not None:
        yield claim.practitioner_id
    if case.panel_id is not None:
        panel = organisations.panel_in_use(work, case.panel_id)
        yield from duty.offered(work, panel)
        yield from panels.list_members_in_order(work, case.panel_id)


def _clinic(work: Work, case: Case) -> Iterator[PractitionerId]:
    """Whose session it is, who asked, who prepared the case, then the clinic's other physicians."""
    session = find_open_door(work, case)
    asked = [None if session is None else session.doctor_id]
    asked += [case.requesting_physician_id, case.prepared_by_id]
    yield from (each for each in asked if each is not None)
    found = affiliations.list_people_with_role(work, case.institution_id, _PHYSICIAN)
    yield from (each.practitioner_id for each in found)


def _booked(work: Work, case: Case) -> set[PractitionerId]:
    """Whose session it is now."""
    session = find_open_door(work, case)
    return set() if session is None else {session.expert_id, session.doctor_id}


def _works_there(
    work: Work, person: PractitionerId, place: InstitutionId, roles: Iterable[Role]
) -> bool:
    return any(
        affiliations.holds_role(work, practitioner_id=person, institution_id=place, role=role)
        for role in roles
    )


def _as(work: Work, person: PractitionerId, place: InstitutionId) -> Work:
    """The same moment as that person sees it: whom a call may ring is who may know of it."""
    return replace(work, actor=Actor(person, place))
