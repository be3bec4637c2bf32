"""What a clinic does with a patient's record: register, find, open, correct, settle."""

import string
from collections.abc import Collection, Iterable

from consult.access import policy
from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import InstitutionId, PatientId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import consortia
from consult.people.organisations import service as organisations
from consult.people.patients import store
from consult.people.patients.documents import normalise_for_search
from consult.people.patients.errors import (
    IdentityAlreadySettledError,
    PatientAlreadyRegisteredError,
    PatientChangedError,
    SearchTooLongError,
)
from consult.people.patients.masking import shown_to
from consult.people.patients.model import (
    Facts,
    Found,
    IdentityStatus,
    Patient,
    PatientForm,
    normalise_phone,
)
from consult.people.patients.registration import PatientRules, parse_form, person_key

_MOST_INSTITUTIONS = 20
_SHORTEST_PINYIN = 2
_PINYIN_LETTERS = frozenset(string.ascii_lowercase + string.digits)


def register_patient(work: Work, *, form: PatientForm, rules: PatientRules) -> Patient:
    """A new record, held by the acting institution.

    Raises FormRefusedError with every problem, PatientAlreadyRegisteredError with the record that
    is there already.
    """
    institution_id = work.actor.institution
    facts = parse_form(form, today=organisations.today_at(work, institution_id), rules=rules)
    key = person_key(facts, rules=rules.documents)
    patient = Patient(
        id=PatientId(new_id()),
        institution_id=institution_id,
        local_number=f"P-{store.next_local_number(work, institution_id):06d}",
        facts=facts,
        registered_at=work.now,
        revision=1,
    )
    if not store.save_new(work, patient, person_key=key):
        raise _already(work, institution_id, key)
    access.keep(work, _ref(patient.id), custodian=(Party.INSTITUTION, institution_id))
    _journal(work, patient, "patient.registered")
    return patient


def read_form(work: Work, *, form: PatientForm, rules: PatientRules) -> Facts:
    """What a form would register at the acting institution; raises FormRefusedError."""
    today = organisations.today_at(work, work.actor.institution)
    return parse_form(form, today=today, rules=rules)


def find_registered(work: Work, facts: Facts, *, rules: PatientRules) -> Patient | None:
    """The acting institution's record of the person whom the document names."""
    key = person_key(facts, rules=rules.documents)
    if key is None:
        return None
    found = store.find_by_person(work, institution_id=work.actor.institution, person_key=key)
    return None if found is None else _get(work, found)


def find_undocumented(work: Work, facts: Facts) -> Patient | None:
    """The institution's record of somebody alike whose identity is still to be settled."""
    return store.find_pending(
        work,
        institution_id=work.actor.institution,
        name=facts.name,
        sex=facts.sex,
        birth_on=facts.birth_on,
    )


def search_patients(work: Work, *, text: str, rules: PatientRules) -> list[Found]:
    """Whom the text may mean: name, pinyin, initials, document or local number, telephone.

    Nothing typed gives the patients registered last.
    """
    limits = rules.registration
    if len(text) > limits.longest_search:
        raise SearchTooLongError(limits.longest_search)
    visible = policy.visible_ids(work, ObjectType.PATIENT)
    if wanted := " ".join(text.split()):
        query = _query(wanted, rules=rules)
        found = store.search(work, query, visible=visible, limit=limits.most_found)
    else:
        found = store.list_newest(work, visible=visible, limit=limits.most_found)
    twice = store.names_borne_twice(work, {patient.name for patient in found}, visible=visible)
    return [
        Found(shown_to(work.actor, patient), namesake=patient.name in twice) for patient in found
    ]


def get_patient(work: Work, patient_id: str) -> Patient:
    """A record that the actor may see; raises NotFoundError otherwise."""
    policy.require_seen(work, _ref(patient_id))
    return shown_to(work.actor, _get(work, patient_id))


def get_own_patient(work: Work, patient_id: str) -> Patient:
    """A record of the acting institution; raises NotFoundError for one that it was only granted."""
    policy.require_own(work, _ref(patient_id))
    return _get(work, patient_id)


def open_patient(work: Work, patient_id: str) -> Patient:
    """As `get_patient`, and the journal says who looked."""
    patient = get_patient(work, patient_id)
    _journal(work, patient, "patient.opened", named=False)
    return patient


def is_namesake(work: Work, patient: Patient) -> bool:
    """Whether another patient whom the actor may see bears the same name (U26)."""
    return patient.name in namesakes(work, [patient])


def namesakes(work: Work, found: Iterable[Patient]) -> frozenset[str]:
    """Which names of a list more than one patient bears."""
    visible = policy.visible_ids(work, ObjectType.PATIENT)
    return store.names_borne_twice(work, {patient.name for patient in found}, visible=visible)


def patients_by_id(work: Work, ids: Collection[str]) -> dict[str, Patient]:
    """The patients of a list, as far as the actor may see them."""
    visible = policy.visible_ids(work, ObjectType.PATIENT)
    found = store.list_patients(work, ids, visible=visible)
    return {patient.id: shown_to(work.actor, patient) for patient in found}


def known_elsewhere(work: Work, patient_id: str) -> list[InstitutionId]:
    """Other institutions of the actor's consortia that know the same person: the bare fact."""
    policy.require_own(work, _ref(patient_id))
    elsewhere = store.list_institutions_of_person(work, patient_id, limit=_MOST_INSTITUTIONS)
    if not elsewhere:
        return []
    allied = {
        member.institution.id
        for consortium_id in work.actor.consortium_ids
        for member in consortia.list_members(work, consortium_id)
    }
    return [institution_id for institution_id in elsewhere if institution_id in allied]


def get_person_mark(work: Work, patient_id: str) -> str:
    """What tells this person from all others, at whichever institution; it names nobody."""
    policy.require_seen(work, _ref(patient_id))
    return store.find_person_hash(work, patient_id) or patient_id


def update_patient(
    work: Work, patient_id: str, *, revision: int, form: PatientForm, rules: PatientRules
) -> Patient:
    """Correct a record; the identity document stays unless the identity was still to be settled."""
    before = _require_unchanged(work, patient_id, revision)
    facts = parse_form(form, today=organisations.today_at(work, before.institution_id), rules=rules)
    _require_same_document(before, facts)
    return _save(work, before, facts, rules=rules, kind="patient.updated")


def settle_identity(
    work: Work, patient_id: str, *, revision: int, form: PatientForm, rules: PatientRules
) -> Patient:
    """A document has been shown after all; it becomes the record's, and a duplicate is named."""
    before = _require_unchanged(work, patient_id, revision)
    if not before.is_pending:
        raise IdentityAlreadySettledError(before.id)
    facts = parse_form(form, today=organisations.today_at(work, before.institution_id), rules=rules)
    if facts.identity_status is IdentityStatus.PENDING:
        raise RefusedError("identity-needs-document", field="document_kind")
    return _save(work, before, facts, rules=rules, kind="patient.identity_settled")


def _save(work: Work, before: Patient, facts: Facts, *, rules: PatientRules, kind: str) -> Patient:
    key = person_key(facts, rules=rules.documents)
    if not store.save_facts(work, before, facts, person_key=key):
        raise _already(work, before.institution_id, key)
    after = _get(work, before.id)
    _journal(work, after, kind)
    return after


def _require_same_document(before: Patient, facts: Facts) -> None:
    if before.is_pending:
        if facts.identity_status is IdentityStatus.SETTLED:
            raise RefusedError("identity-settled-apart", field="document_kind")
        return
    have = (before.facts.document_kind, before.facts.document_number)
    if have != (facts.document_kind, facts.document_number):
        raise IdentityAlreadySettledError(before.id)


def _require_unchanged(work: Work, patient_id: str, revision: int) -> Patient:
    policy.require_own(work, _ref(patient_id))
    patient = _get(work, patient_id)
    if patient.revision != revision:
        raise PatientChangedError(patient.id)
    return patient


def _get(work: Work, patient_id: str) -> Patient:
    patient = store.find_patient(work, patient_id)
    if patient is None:
        raise NotFoundError
    return patient


def _already(
    work: Work, institution_id: InstitutionId, key: str | None
) -> PatientAlreadyRegisteredError:
    found = (
        None
        if key is None
        else store.find_by_person(work, institution_id=institution_id, person_key=key)
    )
    if found is None:
        raise LookupError("the database refused a patient who is no duplicate")
    return PatientAlreadyRegisteredError(found, _get(work, found).local_number)


def _query(wanted: str, *, rules: PatientRules) -> store.Query:
    letters = "".join(wanted.casefold().split())
    is_pinyin = len(letters) >= _SHORTEST_PINYIN and set(letters) <= _PINYIN_LETTERS
    phone = normalise_phone(wanted)
    is_phone = rules.registration.phone_pattern.fullmatch(phone) is not None
    return store.Query(
        name=wanted,
        pinyin=letters if is_pinyin else "",
        number=normalise_for_search(wanted),
        phone=phone if is_phone else "",
        local_number=wanted.upper(),
    )


def _journal(work: Work, patient: Patient, kind: str, *, named: bool = True) -> None:
    work.journal(
        Entry(
            kind,
            ObjectType.PATIENT,
            patient.id,
            codes={
                "document": patient.facts.document_kind,
                "identity": patient.facts.identity_status,
                "revision": patient.revision,
            },
            words={"name": patient.name, "number": patient.local_number} if named else {},
            patient_id=patient.id,
        )
    )


def _ref(patient_id: str) -> Ref:
    return Ref(ObjectType.PATIENT, patient_id)
