"""What the administrator sees of people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel

from consult.kernel.ids import PractitionerId
from consult.kernel.work import Role, Work
from consult.people.organisations import scope
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import (
    GIVEN_BY_ADMINISTRATOR,
    LONGEST_LIST,
    Affiliation,
    Practitioner,
)
from consult.people.second_factors import service as second_factors
from server.views.admin import Option, options_of
from server.views.sign_in import in_tongue


class OneTimePassword(BaseModel):
    """A password that is shown once."""

    id: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class AffiliationRow:
    """One place of a person."""

    id: str
    institution: str
    roles: tuple[str, ...]
    from_on: date
    until_on: date | None
    revision: int
    state: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list."""

    id: str
    login: str
    name: str
    title: str
    specialty: str
    licence_no: str
    licence_class: str
    licence_valid_until: date | None
    licence_expired: bool
    affiliations: tuple[AffiliationRow, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The list, and what the form for another person offers."""

    rows: tuple[PersonRow, ...]
    institutions: tuple[Option, ...]
    roles: tuple[str, ...]
    next_page: int | None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person, and what the form for a further affiliation offers."""

    row: PersonRow
    name: str
    name_en: str
    revision: int
    has_second_factor: bool
    institutions: tuple[Option, ...]
    roles: tuple[str, ...]


def make_people(work: Work, *, tongue: str, page: int = 1) -> PeoplePage:
    """A page of the people within reach."""
    first = (page - 1) * LONGEST_LIST
    found = practitioners.list_practitioners(work, offset=first)
    is_more = practitioners.count_practitioners(work) > first + len(found)
    reader = _read(work, tongue, [person.id for person in found])
    return PeoplePage(
        rows=tuple(reader.row(person) for person in found),
        institutions=_working(work, tongue),
        roles=_roles(work),
        next_page=page + 1 if found and is_more else None,
    )


def make_person(work: Work, *, tongue: str, practitioner_id: str) -> PersonPage:
    """One person."""
    affiliations.require_within_reach(work, practitioner_id)
    person = practitioners.get_practitioner(work, practitioner_id)
    return PersonPage(
        row=_read(work, tongue, [person.id]).row(person),
        name=person.name,
        name_en=person.name_en,
        revision=person.revision,
        has_second_factor=second_factors.has_second_factor(work, person.id),
        institutions=_working(work, tongue),
        roles=_roles(work),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """The affiliations at institutions within reach; where else a person works is not shown."""

    tongue: str
    now: datetime
    today: date
    places: Mapping[str, Institution]
    theirs: Mapping[str, list[Affiliation]]

    def row(self, person: Practitioner) -> PersonRow:
        until = person.licence_valid_until
        return PersonRow(
            id=person.id,
            login=person.login,
            name=in_tongue(self.tongue, person.name, person.name_en),
            title=person.title,
            specialty=person.specialty,
            licence_no=person.licence_no,
            licence_class=person.licence_class,
            licence_valid_until=until,
            licence_expired=until is not None and until < self.today,
            affiliations=tuple(self.place(each) for each in self.theirs.get(person.id, [])),
        )

    def place(self, affiliation: Affiliation) -> AffiliationRow:
        place = self.places[affiliation.institution_id]
        return AffiliationRow(
            id=affiliation.id,
            institution=in_tongue(self.tongue, place.name, place.name_en),
            roles=tuple(sorted(affiliation.roles)),
            from_on=affiliation.from_on,
            until_on=affiliation.until_on,
            revision=affiliation.revision,
            state=_state(affiliation, place.local_day(self.now)),
        )


def _read(work: Work, tongue: str, ids: list[PractitionerId]) -> _Reader:
    places: dict[str, Institution] = {
        each.id: each for each in organisations.list_institutions(work)
    }
    theirs: dict[str, list[Affiliation]] = {}
    for affiliation in affiliations.list_affiliations(work, ids):
        if affiliation.institution_id in places:
            theirs.setdefault(affiliation.practitioner_id, []).append(affiliation)
    today = organisations.today_at(work, work.actor.institution)
    return _Reader(tongue, work.now, today, places, theirs)


def _state(affiliation: Affiliation, today: date) -> str:
    if affiliation.stopped_at is not None:
        return "stopped"
    if affiliation.holds_on(today):
        return "valid"
    return "future" if today < affiliation.from_on else "expired"


def _working(work: Work, tongue: str) -> tuple[Option, ...]:
    return options_of(
        tongue,
        [each for each in organisations.list_institutions(work) if each.stopped_at is None],
    )


def _roles(work: Work) -> tuple[str, ...]:
    """The roles that this administrator may give."""
    return tuple(
        role for role in Role if scope.sees_all(work) or role not in GIVEN_BY_ADMINISTRATOR
    )
