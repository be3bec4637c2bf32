"""The records that one person has at the institutions of a consortium: ids, and nobody's name."""

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.kernel.ids import InstitutionId, PatientId
from consult.kernel.work import Work
from consult.people.organisations import consortia
from consult.people.patients import store

_MOST_RECORDS = 200


def list_records(
    work: Work, patient_id: str, *, consortium_id: str
) -> dict[PatientId, InstitutionId]:
    """Where members of a consortium have the same person on their books, by the document's hash.

    The institution's own record is always among them. Who asks must know what she may tell.
    """
    policy.require_own(work, Ref(ObjectType.PATIENT, patient_id))
    return _records(work, patient_id, work.actor.institution, consortium_id=consortium_id)


def list_records_of_asker(
    work: Work, patient_id: str, *, institution_id: InstitutionId, consortium_id: str
) -> dict[PatientId, InstitutionId]:
    """The same for whoever was asked about the patient of this institution, in its consortium."""
    policy.require_seen(work, Ref(ObjectType.PATIENT, patient_id))
    return _records(work, patient_id, institution_id, consortium_id=consortium_id)


def _records(
    work: Work, patient_id: str, institution_id: InstitutionId, *, consortium_id: str
) -> dict[PatientId, InstitutionId]:
    own = {PatientId(patient_id): institution_id}
    if consortium_id not in work.actor.consortium_ids:
        return own
    members = {each.institution.id for each in consortia.list_members(work, consortium_id)}
    if institution_id not in members:
        return own
    found = store.list_records_of_person(work, patient_id, limit=_MOST_RECORDS)
    return own | {record: place for record, place in found if place in members}
