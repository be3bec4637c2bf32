"""Affiliations: giving a person a place and roles at an institution, and stopping it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.errors import ConflictError, NotFoundError, RefusedError
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Entry, Role, Work
from consult.people.organisations import panel_store, scope
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliation_store, store
from consult.people.practitioners.errors import (
    LastAdministratorError,
    LeadsPanelError,
    RoleNotYoursError,
    WorksElsewhereError,
)
from consult.people.practitioners.model import GIVEN_BY_ADMINISTRATOR, Affiliation
from consult.people.practitioners.tables import AffiliationRow


@dataclass(frozen=True, slots=True)
class NewAffiliation:
    """What the form says; without `from_on` it holds from today."""

    institution_id: str
    roles: frozenset[Role]
    from_on: date | None = None
    until_on: date | None = None


def add_affiliation(work: Work, *, practitioner_id: str, new: NewAffiliation) -> Affiliation:
    """Give a known person a further place."""
    require_within_reach(work, practitioner_id)
    return add_first_affiliation(work, practitioner_id=practitioner_id, new=new)


def add_first_affiliation(work: Work, *, practitioner_id: str, new: NewAffiliation) -> Affiliation:
    """Give a person a place whether or not she had one; the institution must be within reach."""
    scope.require(work, ObjectType.INSTITUTION, new.institution_id)
    institution = organisations.get_institution(work, new.institution_id)
    if institution.stopped_at is not None:
        raise ConflictError("institution-stopped")
    if not new.roles:
        raise RefusedError("field-missing", field="roles")
    if new.roles & GIVEN_BY_ADMINISTRATOR and not scope.sees_all(work):
        raise RoleNotYoursError
    from_on = new.from_on or institution.local_day(work.now)
    if new.until_on is not None and new.until_on < from_on:
        raise RefusedError("dates-reversed", field="until_on")
    row = AffiliationRow(
        id=new_id(),
        practitioner_id=practitioner_id,
        institution_id=institution.id,
        from_on=from_on,
        until_on=new.until_on,
        added_at=work.now,
        revision=1,
    )
    affiliation_store.save_affiliation(work.session, row, new.roles)
    _open_and_journal(work, row, new.roles)
    return get_affiliation(work, row.id)


def stop_affiliation(work: Work, *, affiliation_id: str, revision: int) -> PractitionerId:
    """End a person's place at once: her sessions there end, and she leaves its panels."""
    affiliation = get_affiliation(work, affiliation_id)
    scope.require(work, ObjectType.INSTITUTION, affiliation.institution_id)
    if affiliation.roles & GIVEN_BY_ADMINISTRATOR and not scope.sees_all(work):
        raise RoleNotYoursError
    _require_other_administrator(work, affiliation)
    person, place = affiliation.practitioner_id, affiliation.institution_id
    if panel_store.is_leader_at(work.session, person, place):
        raise LeadsPanelError
    affiliation_store.save_stop(work.session, affiliation_id, revision=revision, at=work.now)
    panel_store.delete_members_at(work.session, person, place)
    access.end_grants(work, Ref(ObjectType.PRACTITIONER, person), why=_why(affiliation_id))
    work.journal(
        Entry(
            "affiliation.stopped",
            ObjectType.PRACTITIONER,
            person,
            codes={"affiliation": affiliation_id, "institution": place},
        )
    )
    return person


def get_affiliation(work: Work, affiliation_id: str) -> Affiliation:
    """One affiliation."""
    found = affiliation_store.find_affiliation(work.session, affiliation_id)
    if found is None:
        raise NotFoundError
    return found


def list_affiliations(work: Work, practitioner_ids: Collection[str]) -> list[Affiliation]:
    """Every affiliation of these people."""
    return affiliation_store.list_of(work.session, practitioner_ids)


def list_holding(work: Work, practitioner_id: str) -> list[Affiliation]:
    """The affiliations under which a person may act today."""
    found = [
        affiliation
        for affiliation in affiliation_store.list_of(work.session, [practitioner_id])
        if affiliation.stopped_at is None
    ]
    places = organisations.institutions_by_id(work, {each.institution_id for each in found})
    return [
        each
        for each in found
        if places[each.institution_id].stopped_at is None
        and each.holds_on(places[each.institution_id].local_day(work.now))
    ]


def list_over(work: Work, *, limit: int) -> list[Affiliation]:
    """Affiliations whose last day has passed where they are, though nobody stopped them."""
    tomorrow = (work.now + timedelta(days=1)).date()
    found = affiliation_store.list_ended_before(work.session, tomorrow, limit=limit)
    return [
        affiliation
        for affiliation in found
        if affiliation.until_on is not None
        and affiliation.until_on < organisations.today_at(work, affiliation.institution_id)
    ]


def list_people_with_role(work: Work, institution_id: str, role: Role) -> list[Affiliation]:
    """Who holds this role at an institution today, by name."""
    today = organisations.today_at(work, institution_id)
    found = affiliation_store.list_with_role(work.session, institution_id, role)
    return [affiliation for affiliation in found if affiliation.holds_on(today)]


def list_not_stopped(work: Work, institution_id: str, role: Role) -> list[Affiliation]:
    """Who has this role at an institution by a place that nobody ended, over or not, by name."""
    return affiliation_store.list_with_role(work.session, institution_id, role)


def holds_role(work: Work, *, practitioner_id: str, institution_id: str, role: Role) -> bool:
    """Whether a person has this role at this institution today."""
    found = affiliation_store.find_live(work.session, practitioner_id, institution_id)
    today = organisations.today_at(work, institution_id)
    return found is not None and role in found.roles and found.holds_on(today)


def require_within_reach(work: Work, practitioner_id: str) -> None:
    """Raises NotFoundError unless the person works, or worked, within the actor's reach."""
    if store.find_practitioner(work.session, practitioner_id) is None:
        raise NotFoundError
    if scope.sees_all(work):
        return
    mine = {institution.id for institution in organisations.list_institutions(work)}
    theirs = affiliation_store.list_of(work.session, [practitioner_id])
    if not any(affiliation.institution_id in mine for affiliation in theirs):
        raise NotFoundError


def require_power_over(work: Work, practitioner_id: str) -> None:
    """Raises ForbiddenError where the actor would gain another's rights by touching the account."""
    if scope.sees_all(work):
        return
    mine = {institution.id for institution in organisations.list_institutions(work)}
    for affiliation in affiliation_store.list_of(work.session, [practitioner_id]):
        if affiliation.stopped_at is not None:
            continue
        if affiliation.institution_id not in mine:
            raise WorksElsewhereError
        if affiliation.roles & GIVEN_BY_ADMINISTRATOR:
            raise RoleNotYoursError


def _require_other_administrator(work: Work, leaving: Affiliation) -> None:
    if Role.ADMINISTRATOR not in leaving.roles:
        return
    staying = [
        found
        for found in affiliation_store.list_administrators(work.session)
        if found.id != leaving.id
        and found.holds_on(organisations.today_at(work, found.institution_id))
    ]
    if not staying:
        raise LastAdministratorError


def _open_and_journal(work: Work, row: AffiliationRow, roles: frozenset[Role]) -> None:
    access.grant(
        work,
        Ref(ObjectType.PRACTITIONER, row.practitioner_id),
        to=(Party.INSTITUTION, row.institution_id),
        why=_why(row.id),
    )
    work.journal(
        Entry(
            "affiliation.added",
            ObjectType.PRACTITIONER,
            row.practitioner_id,
            codes={
                "affiliation": row.id,
                "institution": row.institution_id,
                "roles": " ".join(sorted(roles)),
                "from_on": row.from_on.isoformat(),
                "until_on": None if row.until_on is None else row.until_on.isoformat(),
            },
        )
    )


def _why(affiliation_id: str) -> str:
    return f"affiliation:{affiliation_id}"
