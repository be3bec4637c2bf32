"""The only SQL of patients; numbers, phones and addresses are sealed on the way in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from consult.kernel.ids import InstitutionId, PatientId
from consult.kernel.work import Work
from consult.people.patients.documents import Sex
from consult.people.patients.errors import PatientChangedError
from consult.people.patients.model import Facts, Guardian, IdentityStatus, Patient
from consult.people.patients.names import search_keys
from consult.people.patients.tables import PatientRow

_DOCUMENT, _PHONE, _ADDRESS = "patient-document", "patient-phone", "patient-address"
_NUMBER, _PERSON = "patient-number", "patient-person"
_LONGEST_PINYIN = 4000


@dataclass(frozen=True, slots=True)
class Query:
    """What a search text may mean at once."""

    name: str
    pinyin: str
    number: str
    phone: str
    local_number: str


def next_local_number(work: Work, institution_id: InstitutionId) -> int:
    """The next number of this institution; the statement settles who is first."""
    return int(
        work.session.execute(
            text(
                "INSERT INTO patient_counters (institution_id, last) VALUES (:id, 1) "
                "ON CONFLICT (institution_id) DO UPDATE SET last = patient_counters.last + 1 "
                "RETURNING last"
            ),
            {"id": institution_id},
        ).scalar_one()
    )


def save_new(work: Work, patient: Patient, *, person_key: str | None) -> bool:
    """Write a new patient; False where the institution already has this person."""
    row = PatientRow(
        id=patient.id,
        institution_id=patient.institution_id,
        local_number=patient.local_number,
        registered_at=patient.registered_at,
        revision=patient.revision,
        **_columns(work, patient.facts, person_key=person_key),
    )
    try:
        with work.session.begin_nested():
            work.session.add(row)
            work.session.flush()
    except IntegrityError:
        return False
    return True


def save_facts(work: Work, before: Patient, facts: Facts, *, person_key: str | None) -> bool:
    """Write changed facts if the row is as it was read; False where another record has them."""
    statement = (
        update(PatientRow)
        .where(PatientRow.id == before.id, PatientRow.revision == before.revision)
        .values(revision=before.revision + 1, **_columns(work, facts, person_key=person_key))
        .returning(PatientRow.id)
        .execution_options(synchronize_session=False)
    )
    try:
        with work.session.begin_nested():
            hit = work.session.scalar(statement)
    except IntegrityError:
        return False
    if hit is None:
        raise PatientChangedError(before.id)
    work.session.expire_all()
    return True


def find_patient(work: Work, patient_id: str) -> Patient | None:
    """The patient with this id."""
    row = work.session.get(PatientRow, patient_id)
    return None if row is None else _patient(work, row)


def find_by_person(
    work: Work, *, institution_id: InstitutionId, person_key: str
) -> PatientId | None:
    """The record that this institution has of this person."""
    statement = select(PatientRow.id).where(
        PatientRow.institution_id == institution_id,
        PatientRow.person_hash == work.vault.blind(person_key, purpose=_PERSON),
    )
    found = work.session.scalar(statement)
    return None if found is None else PatientId(found)


def find_pending(
    work: Work, *, institution_id: InstitutionId, name: str, sex: Sex, birth_on: date
) -> Patient | None:
    """The newest record of this name, sex and date of birth that rests on no document."""
    statement = (
        select(PatientRow)
        .where(
            PatientRow.institution_id == institution_id,
            PatientRow.name == name,
            PatientRow.sex == sex,
            PatientRow.birth_on == birth_on,
            PatientRow.identity_status == IdentityStatus.PENDING,
        )
        .order_by(PatientRow.id.desc())
        .limit(1)
    )
    row = work.session.scalar(statement)
    return None if row is None else _patient(work, row)


def find_person_hash(work: Work, patient_id: str) -> str | None:
    """The keyed hash of this patient's document, the same at every institution."""
    return work.session.scalar(select(PatientRow.person_hash).where(PatientRow.id == patient_id))


def list_institutions_of_person(work: Work, patient_id: str, *, limit: int) -> list[InstitutionId]:
    """The other institutions that have a record of the same person."""
    own = select(PatientRow.person_hash).where(PatientRow.id == patient_id).scalar_subquery()
    statement = (
        select(PatientRow.institution_id)
        .where(PatientRow.person_hash == own, PatientRow.id != patient_id)
        .order_by(PatientRow.institution_id)
        .limit(limit)
    )
    return [InstitutionId(found) for found in work.session.scalars(statement)]


def list_records_of_person(
    work: Work, patient_id: str, *, limit: int
) -> list[tuple[PatientId, InstitutionId]]:
    """The records of the same person anywhere, this one among them where a document was shown."""
    own = select(PatientRow.person_hash).where(PatientRow.id == patient_id).scalar_subquery()
    statement = (
        select(PatientRow.id, PatientRow.institution_id)
        .where(PatientRow.person_hash == own)
        .order_by(PatientRow.id)
        .limit(limit)
    )
    found = work.session.execute(statement)
    return [(PatientId(each), InstitutionId(place)) for each, place in found]


def list_patients(work: Work, ids: Collection[str], *, visible: Select[str]) -> list[Patient]:
    """These patients as far as they are visible."""
    statement = (
        select(PatientRow)
        .where(PatientRow.id.in_(sorted(ids)), PatientRow.id.in_(visible))
        .order_by(PatientRow.id)
    )
    return [_patient(work, row) for row in work.session.scalars(statement)]


def list_newest(work: Work, *, visible: Select[str], limit: int) -> list[Patient]:
    """The patients registered last."""
    statement = (
        select(PatientRow)
        .where(PatientRow.id.in_(visible))
        .order_by(PatientRow.registered_at.desc(), PatientRow.id.desc())
        .limit(limit)
    )
    return [_patient(work, row) for row in work.session.scalars(statement)]


def search(work: Work, query: Query, *, visible: Select[str], limit: int) -> list[Patient]:
    """Patients whom the text may mean, by name and then by age of the record."""
    clauses = [PatientRow.name.contains(query.name, autoescape=True)]
    if query.pinyin:
        clauses.append(PatientRow.pinyin.contains(" " + query.pinyin, autoescape=True))
    if query.number:
        number_hash = work.vault.blind(query.number, purpose=_NUMBER)
        clauses.append(PatientRow.number_hash == number_hash)
    if query.phone:
        clauses.append(PatientRow.phone_hash == work.vault.blind(query.phone, purpose=_PHONE))
    if query.local_number:
        clauses.append(PatientRow.local_number == query.local_number)
    statement = (
        select(PatientRow)
        .where(PatientRow.id.in_(visible), or_(*clauses))
        .order_by(PatientRow.name, PatientRow.registered_at.desc(), PatientRow.id)
        .limit(limit)
    )
    return [_patient(work, row) for row in work.session.scalars(statement)]


def names_borne_twice(
    work: Work, names: Collection[str], *, visible: Select[str]
) -> frozenset[str]:
    """Which of these names more than one visible patient bears."""
    statement = (
        select(PatientRow.name)
        .where(PatientRow.name.in_(sorted(names)), PatientRow.id.in_(visible))
        .group_by(PatientRow.name)
        .having(func.count() > 1)
    )
    return frozenset(work.session.scalars(statement))


def _columns(work: Work, facts: Facts, *, person_key: str | None) -> dict[str, object]:
    vault, guardian = work.vault, facts.guardian
    return {
        "name": facts.name,
        "pinyin": search_keys(facts.name).text[:_LONGEST_PINYIN],
        "sex": facts.sex,
        "birth_on": facts.birth_on,
        "document_kind": facts.document_kind,
        "document_sealed": vault.seal(facts.document_number, purpose=_DOCUMENT),
        "identity_status": facts.identity_status,
        "person_hash": _blind(work, person_key, _PERSON),
        "number_hash": _blind(work, facts.document_number, _NUMBER),
        "phone_sealed": _seal(work, facts.phone, _PHONE),
        "phone_hash": _blind(work, facts.phone, _PHONE),
        "phone_relation": facts.phone_relation,
        "address_sealed": _seal(work, facts.address, _ADDRESS),
        "guardian_name": guardian.name if guardian else None,
        "guardian_relation": guardian.relation if guardian else None,
        "guardian_phone_sealed": _seal(work, guardian.phone if guardian else "", _PHONE),
    }


def _seal(work: Work, plain: str, purpose: str) -> bytes | None:
    return work.vault.seal(plain, purpose=purpose) if plain else None


def _open(work: Work, sealed: bytes | None, purpose: str) -> str:
    return work.vault.open(sealed, purpose=purpose) if sealed else ""


def _blind(work: Work, plain: str | None, purpose: str) -> str | None:
    return work.vault.blind(plain, purpose=purpose) if plain else None


def _patient(work: Work, row: PatientRow) -> Patient:
    return Patient(
        id=PatientId(row.id),
        institution_id=InstitutionId(row.institution_id),
        local_number=row.local_number,
        facts=Facts(
            name=row.name,
            document_kind=row.document_kind,
            document_number=_open(work, row.document_sealed, _DOCUMENT),
            identity_status=row.identity_status,
            sex=row.sex,
            birth_on=row.birth_on,
            phone=_open(work, row.phone_sealed, _PHONE),
            phone_relation=row.phone_relation,
            address=_open(work, row.address_sealed, _ADDRESS),
            guardian=_guardian(work, row),
        ),
        registered_at=row.registered_at,
        revision=row.revision,
    )


def _guardian(work: Work, row: PatientRow) -> Guardian | None:
    if row.guardian_name is None or row.guardian_relation is None:
        return None
    phone = _open(work, row.guardian_phone_sealed, _PHONE)
    return Guardian(name=row.guardian_name, relation=row.guardian_relation, phone=phone)
