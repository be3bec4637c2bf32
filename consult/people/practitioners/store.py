"""The only SQL of people and passwords."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, func, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.practitioners.errors import AlreadySetUpError, LoginTakenError
from consult.people.practitioners.model import (
    LONGEST_LIST,
    Credential,
    PersonName,
    Practitioner,
)
from consult.people.practitioners.tables import (
    AffiliationRow,
    CredentialRow,
    InstallationRow,
    PractitionerRow,
)

_ONLY_ROW = 1


def is_founded(session: Session) -> bool:
    """Whether the installation has had its first administrator."""
    return session.get(InstallationRow, _ONLY_ROW) is not None


def save_founding(work: Work) -> None:
    """Mark the installation as founded; of two at once, one raises AlreadySetUpError."""
    try:
        with work.session.begin_nested():
            work.session.add(InstallationRow(id=_ONLY_ROW, founded_at=work.now))
    except IntegrityError:
        raise AlreadySetUpError from None


def save_practitioner(session: Session, row: PractitionerRow) -> None:
    """Write a new person."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise LoginTakenError from None


def save_profile(session: Session, before: Practitioner, values: dict[str, object]) -> bool:
    """Write new facts of a person who is as she was read; False where she is not."""
    statement = (
        update(PractitionerRow)
        .where(PractitionerRow.id == before.id, PractitionerRow.revision == before.revision)
        .values(**values, revision=before.revision + 1)
        .returning(PractitionerRow.id)
    )
    return session.scalar(statement) is not None


def save_language(session: Session, practitioner_id: str, language: str) -> None:
    """Write the language that a person chose."""
    session.execute(
        update(PractitionerRow)
        .where(PractitionerRow.id == practitioner_id)
        .values(language=language)
    )


def find_practitioner(session: Session, practitioner_id: str) -> Practitioner | None:
    """One person."""
    row = session.get(PractitionerRow, practitioner_id)
    return None if row is None else practitioner_of(row)


def lock_practitioner(session: Session, practitioner_id: str) -> None:
    """Keep this person's row to this unit, until it ends; rows that name her are written beside."""
    session.execute(
        select(PractitionerRow.id)
        .where(PractitionerRow.id == practitioner_id)
        .with_for_update(key_share=True)
    )


def find_by_login(session: Session, login: str) -> Practitioner | None:
    """The person who signs in with this name."""
    row = session.scalar(select(PractitionerRow).where(PractitionerRow.login == login))
    return None if row is None else practitioner_of(row)


def list_practitioners(
    session: Session, institutions: Select[str] | None, *, offset: int = 0
) -> list[Practitioner]:
    """People by login; those ever affiliated with these institutions, or all where None."""
    statement = select(PractitionerRow).where(_within(institutions))
    statement = statement.order_by(PractitionerRow.login, PractitionerRow.id)
    page = statement.limit(LONGEST_LIST).offset(offset)
    return [practitioner_of(row) for row in session.scalars(page)]


def count_practitioners(session: Session, institutions: Select[str] | None) -> int:
    """How many there are."""
    counted = select(func.count()).select_from(PractitionerRow).where(_within(institutions))
    return session.scalar(counted) or 0


def _within(institutions: Select[str] | None) -> ColumnElement[bool]:
    if institutions is None:
        return true()
    placed = select(AffiliationRow.practitioner_id).where(
        AffiliationRow.institution_id.in_(institutions)
    )
    return PractitionerRow.id.in_(placed)


def names_of(session: Session, ids: Collection[str]) -> dict[str, PersonName]:
    """The names of these people."""
    if not ids:
        return {}
    statement = select(
        PractitionerRow.id, PractitionerRow.name, PractitionerRow.name_en, PractitionerRow.title
    ).where(PractitionerRow.id.in_(sorted(ids)))
    return {
        found: PersonName(name, name_en, title)
        for found, name, name_en, title in session.execute(statement)
    }


def licence_classes_of(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Of which class the licence of each of these people is; empty without one."""
    statement = select(PractitionerRow.id, PractitionerRow.licence_class)
    found = session.execute(statement.where(PractitionerRow.id.in_(sorted(ids))))
    return {row.id: row.licence_class for row in found}


def specialties_of(session: Session, ids: Collection[str]) -> frozenset[str]:
    """In which specialties these people work."""
    statement = select(PractitionerRow.specialty).where(PractitionerRow.id.in_(sorted(ids)))
    return frozenset(found for found in session.scalars(statement) if found)


def find_credential(session: Session, practitioner_id: str) -> Credential | None:
    """A person's password as it is kept."""
    row = session.get(CredentialRow, practitioner_id)
    if row is None:
        return None
    return Credential(
        PractitionerId(row.practitioner_id), row.password_hash, row.must_change, row.revision
    )


def save_credential(
    work: Work, practitioner_id: str, *, password_hash: str, must_change: bool
) -> int:
    """Write the password and return its revision: sessions opened under an older one end."""
    row = work.session.get(CredentialRow, practitioner_id, with_for_update=True)
    if row is None:
        row = CredentialRow(practitioner_id=practitioner_id, revision=0)
        work.session.add(row)
    row.password_hash = password_hash
    row.must_change = must_change
    row.changed_at = work.now
    row.revision += 1
    work.session.flush()
    return row.revision


def practitioner_of(row: PractitionerRow) -> Practitioner:
    """The row as a person."""
    return Practitioner(
        id=PractitionerId(row.id),
        login=row.login,
        name=row.name,
        name_en=row.name_en,
        pinyin=row.pinyin,
        title=row.title,
        specialty=row.specialty,
        licence_no=row.licence_no,
        licence_class=row.licence_class,
        licence_valid_until=row.licence_valid_until,
        language=row.language,
        revision=row.revision,
    )
