"""People: adding and changing them, their passwords, and what the other stages ask about them."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Role, Work
from consult.people.organisations import scope
from consult.people.organisations import service as organisations
from consult.people.organisations.service import NewInstitution
from consult.people.patients.names import search_keys
from consult.people.practitioners import affiliations, store
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.errors import (
    AffiliationChangedError,
    LicenceExpiredError,
    LicenceMissingError,
)
from consult.people.practitioners.model import PersonName, Practitioner, Profile
from consult.people.practitioners.tables import PractitionerRow

_LONGEST_PINYIN = 2000


def is_set_up(work: Work) -> bool:
    """Whether the installation has had its first administrator."""
    return store.is_founded(work.session)


def set_up(
    work: Work, *, login: str, name: str, institution: NewInstitution, password_hash: str
) -> Practitioner:
    """The first administrator and institution of an empty installation, in one step.

    Of many at once one finds it empty: the row settles it, for what a question saw may be over.
    """
    store.save_founding(work)
    return add_administrator(
        work,
        login=login,
        name=name,
        institution=institution,
        password_hash=password_hash,
        must_change=False,
    )


def add_administrator(
    work: Work,
    *,
    login: str,
    name: str,
    institution: NewInstitution,
    password_hash: str,
    must_change: bool = True,
) -> Practitioner:
    """An administrator of the installation, at an institution that is added if its code is new."""
    if not store.is_founded(work.session):
        store.save_founding(work)
    place = organisations.find_by_code(work, institution.code)
    if place is None:
        place = organisations.add_institution(work, new=institution)
    return add_practitioner(
        work,
        login=login,
        profile=Profile(name=name),
        affiliation=NewAffiliation(place.id, frozenset({Role.ADMINISTRATOR})),
        password_hash=password_hash,
        must_change=must_change,
    )


def add_practitioner(
    work: Work,
    *,
    login: str,
    profile: Profile,
    affiliation: NewAffiliation,
    password_hash: str,
    must_change: bool = True,
) -> Practitioner:
    """A new person with a sign-in and a first affiliation."""
    row = PractitionerRow(
        id=new_id(),
        login=login.lower(),
        pinyin=search_keys(profile.name).text[:_LONGEST_PINYIN],
        added_at=work.now,
        revision=1,
        **asdict(profile),
    )
    store.save_practitioner(work.session, row)
    store.save_credential(work, row.id, password_hash=password_hash, must_change=must_change)
    access.keep(
        work,
        Ref(ObjectType.PRACTITIONER, row.id),
        custodian=(Party.INSTITUTION, affiliation.institution_id),
    )
    work.journal(
        Entry(
            "practitioner.added",
            ObjectType.PRACTITIONER,
            row.id,
            codes={"licence_class": profile.licence_class, "title": profile.title},
            words={"name": profile.name, "login": login, "licence_no": profile.licence_no},
        )
    )
    affiliations.add_first_affiliation(work, practitioner_id=row.id, new=affiliation)
    return store.practitioner_of(row)


def change_practitioner(
    work: Work, *, practitioner_id: str, revision: int, profile: Profile
) -> None:
    """Correct a person's name, title or licence."""
    affiliations.require_within_reach(work, practitioner_id)
    affiliations.require_power_over(work, practitioner_id)
    before = get_practitioner(work, practitioner_id)
    values = asdict(profile) | {"pinyin": search_keys(profile.name).text[:_LONGEST_PINYIN]}
    if before.revision != revision or not store.save_profile(work.session, before, values):
        raise AffiliationChangedError
    until = profile.licence_valid_until
    work.journal(
        Entry(
            "practitioner.changed",
            ObjectType.PRACTITIONER,
            practitioner_id,
            codes={
                "title": profile.title,
                "specialty": profile.specialty,
                "licence_class": profile.licence_class,
                "licence_valid_until": None if until is None else until.isoformat(),
            },
            words={"name": profile.name, "licence_no": profile.licence_no},
        )
    )


def reset_password(work: Work, *, practitioner_id: str, password_hash: str) -> None:
    """Give a person a one-time password; her sessions end."""
    affiliations.require_within_reach(work, practitioner_id)
    affiliations.require_power_over(work, practitioner_id)
    set_password(
        work, practitioner_id=practitioner_id, password_hash=password_hash, must_change=True
    )


def set_password(work: Work, *, practitioner_id: str, password_hash: str, must_change: bool) -> int:
    """Write a person's password and return its revision; sessions opened under another one end."""
    get_practitioner(work, practitioner_id)
    revision = store.save_credential(
        work, practitioner_id, password_hash=password_hash, must_change=must_change
    )
    kind = "password.reset" if must_change else "password.changed"
    work.journal(Entry(kind, ObjectType.PRACTITIONER, practitioner_id))
    return revision


def choose_language(work: Work, *, language: str) -> None:
    """Remember the language in which the actor reads."""
    store.save_language(work.session, work.actor.person, language)
    work.journal(
        Entry(
            "practitioner.language_chosen",
            ObjectType.PRACTITIONER,
            work.actor.person,
            codes={"language": language},
        )
    )


def get_practitioner(work: Work, practitioner_id: str) -> Practitioner:
    """One person; between stages names and licences are no secret, so policy is not asked."""
    found = store.find_practitioner(work.session, practitioner_id)
    if found is None:
        raise NotFoundError
    return found


def hold_diary(work: Work, practitioner_id: str) -> None:
    """Let nobody else fill this person's time until the unit ends; asked before what is free is."""
    store.lock_practitioner(work.session, practitioner_id)


def find_by_login(work: Work, login: str) -> Practitioner | None:
    """The person who signs in with this name."""
    return store.find_by_login(work.session, login.lower())


def list_practitioners(work: Work, *, offset: int = 0) -> list[Practitioner]:
    """A page of the people within the administrator's reach."""
    within = scope.visible(work, ObjectType.INSTITUTION)
    return store.list_practitioners(work.session, within, offset=offset)


def count_practitioners(work: Work) -> int:
    """How many people are within the administrator's reach."""
    return store.count_practitioners(work.session, scope.visible(work, ObjectType.INSTITUTION))


def names_of(work: Work, ids: Collection[str]) -> dict[str, PersonName]:
    """How these people are named."""
    return store.names_of(work.session, ids)


def licence_classes_of(work: Work, ids: Collection[str]) -> dict[str, str]:
    """Of which class the licence of each of these people is; empty without one."""
    return store.licence_classes_of(work.session, ids)


def specialties_of(work: Work, ids: Collection[str]) -> frozenset[str]:
    """In which specialties these people work."""
    return store.specialties_of(work.session, ids)


def require_licensed(work: Work, on: date) -> Practitioner:
    """The actor, whose licence holds on this day; else LicenceMissing- or LicenceExpiredError."""
    person = get_practitioner(work, work.actor.person)
    if person.is_licensed(on):
        return person
    if not person.licence_no:
        raise LicenceMissingError
    raise LicenceExpiredError(person.licence_valid_until or on)


def password_hash_of(work: Work, practitioner_id: str) -> str:
    """The hash against which a typed password is checked."""
    credential = store.find_credential(work.session, practitioner_id)
    if credential is None:
        raise NotFoundError
    return credential.password_hash
