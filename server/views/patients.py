"""What the pages about patients show."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from pydantic import BaseModel

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.cases import service as cases
from consult.cases.consents import service as consents
from consult.cases.consents.model import RecordedConsent
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient, PatientForm
from consult.people.patients.registration import PatientRules

__all__ = ["Patient"]


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One line of the result."""

    patient: Patient
    namesake: bool
    age: int


@dataclass(frozen=True, slots=True)
class PatientsPage:
    """What was typed, and whom it found."""

    text: str
    rows: tuple[PatientRow, ...]


@dataclass(frozen=True, slots=True)
class PatientPage:
    """One patient, with everything the clinic keeps of her."""

    patient: Patient
    namesake: bool
    age: int
    today: date
    is_own: bool
    known_at: tuple[Institution, ...]
    cases: tuple[Case, ...]
    consents: tuple[RecordedConsent, ...]


@dataclass(frozen=True, slots=True)
class EditPage:
    """A record to be corrected."""

    patient: Patient
    namesake: bool
    age: int


class FoundPatient(BaseModel):
    """One found patient as JSON."""

    id: str
    local_number: str
    name: str
    sex: str
    birth_on: str
    id_tail: str
    namesake: bool
    identity: str


class FoundAnswer(BaseModel):
    """Whom the search found."""

    patients: list[FoundPatient]


class PatientAnswer(BaseModel):
    """One patient as JSON."""

    id: str
    local_number: str
    name: str
    sex: str
    birth_on: str
    document_kind: str
    document_number: str
    identity: str
    phone: str
    address: str
    version: int


class ChangeStep(Protocol):
    """A step that corrects a record."""

    def __call__(
        self,
        work: Work,
        patient_id: str,
        *,
        revision: int,
        form: PatientForm,
        rules: PatientRules,
    ) -> Patient:
        """Do it."""
        ...


def make_patients_page(work: Work, *, text: str, rules: PatientRules) -> PatientsPage:
    """The search and its result."""
    found = patients.search_patients(work, text=text, rules=rules)
    today = organisations.today_at(work, work.actor.institution)
    rows = [PatientRow(each.patient, each.namesake, each.patient.age_on(today)) for each in found]
    return PatientsPage(text=text, rows=tuple(rows))


def make_patient_page(work: Work, patient_id: str) -> PatientPage:
    """The patient's page; opening it is written down."""
    patient = patients.open_patient(work, patient_id)
    today = organisations.today_at(work, work.actor.institution)
    is_own = patient.institution_id == work.actor.institution_id
    known = patients.known_elsewhere(work, patient_id) if is_own else []
    return PatientPage(
        patient=patient,
        namesake=patients.is_namesake(work, patient),
        age=patient.age_on(today),
        today=today,
        is_own=is_own,
        known_at=tuple(organisations.get_institution(work, each) for each in known),
        cases=tuple(cases.list_of_patient(work, patient_id)),
        consents=tuple(consents.list_consents(work, patient_id=patient_id)) if is_own else (),
    )


def make_edit_page(work: Work, patient_id: str) -> EditPage:
    """The record to be corrected, one's own institution's only."""
    policy.require_own(work, Ref(ObjectType.PATIENT, patient_id))
    patient = patients.open_patient(work, patient_id)
    today = organisations.today_at(work, work.actor.institution)
    namesake = patients.is_namesake(work, patient)
    return EditPage(patient=patient, namesake=namesake, age=patient.age_on(today))


def found_as_json(page: PatientsPage) -> dict[str, object]:
    """The result as JSON."""
    found = [
        FoundPatient(
            id=row.patient.id,
            local_number=row.patient.local_number,
            name=row.patient.name,
            sex=row.patient.sex,
            birth_on=row.patient.birth_on.isoformat(),
            id_tail=row.patient.tail,
            namesake=row.namesake,
            identity=row.patient.facts.identity_status,
        )
        for row in page.rows
    ]
    return FoundAnswer(patients=found).model_dump()


def patient_as_json(patient: Patient) -> dict[str, object]:
    """One patient as JSON."""
    facts = patient.facts
    return PatientAnswer(
        id=patient.id,
        local_number=patient.local_number,
        name=facts.name,
        sex=facts.sex,
        birth_on=facts.birth_on.isoformat(),
        document_kind=facts.document_kind,
        document_number=facts.document_number,
        identity=facts.identity_status,
        phone=facts.phone,
        address=facts.address,
        version=patient.revision,
    ).model_dump()
