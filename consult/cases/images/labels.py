"""What a photograph is labelled with when it becomes a DICOM instance of a case."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from consult.cases.images.service import get_open_case
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.documents import Sex
from consult.people.patients.names import NameRules, format_person_name
from consult.studies.model import Instance, Uids
from imaging.uid import make_uid

FUNDUS_MODALITY: Final = "OP"
_UUID_BYTES: Final = 16
# Patient's Sex (0010,0040), PS3.3 C.7.1.1: M, F, O, or empty where it is not known.
_SEX_CODES: Final = {Sex.MALE: "M", Sex.FEMALE: "F", Sex.UNKNOWN: ""}


@dataclass(frozen=True, slots=True)
class Labels:
    """Patient, accession number and place, as the header of a wrapped photograph names them."""

    case_id: str
    patient_name: str = field(repr=False)
    patient_number: str = field(repr=False)
    birth_on: date = field(repr=False)
    sex: str
    accession_number: str
    institution_name: str
    zone: str
    is_paper: bool = False
    """A photographed consent lies in a study of its own, which is shared with nobody."""

    def uids_of(self, source_sha256: str, *, modality: str = FUNDUS_MODALITY) -> Uids:
        """The identity of a photograph in this case: the same bytes are the same instance.

        A series has one modality (PS3.3 C.7.3.1), so that other photographs have one of their own.
        """
        apart = ("papers",) if self.is_paper else ()
        series = () if modality == FUNDUS_MODALITY else (modality,)
        return Uids(
            study_instance_uid=_uid("study", self.case_id, *apart),
            series_instance_uid=_uid("series", self.case_id, *apart, *series),
            sop_instance_uid=_uid("instance", self.case_id, source_sha256, *apart),
        )


def get_labels(work: Work, case_id: str, *, names: NameRules) -> Labels:
    """The labels for a case that is open for images."""
    return labels_of(work, get_open_case(work, case_id), names=names)


def labels_of(work: Work, case: Case, *, names: NameRules) -> Labels:
    """The labels for this case."""
    patient = patients.get_patient(work, case.patient_id)
    institution = organisations.get_institution(work, case.institution_id)
    return Labels(
        case_id=case.id,
        patient_name=format_person_name(patient.name, rules=names),
        patient_number=patient.local_number,
        birth_on=patient.birth_on,
        sex=_SEX_CODES[patient.sex],
        accession_number=case.number,
        institution_name=institution.name,
        zone=institution.zone,
    )


def corrected_uids(source: Instance) -> Uids:
    """The identity of the object that corrects this one, in the same study and series."""
    uids = source.uids
    corrected = _uid("corrected", source.id)
    return Uids(uids.study_instance_uid, uids.series_instance_uid, corrected)


def _uid(*parts: str) -> str:
    digest = hashlib.sha256(" ".join(parts).encode()).digest()
    return make_uid(int.from_bytes(digest[:_UUID_BYTES]))
