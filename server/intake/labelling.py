"""What the jail's jobs are told of a patient and of an object's identity."""

from consult.cases.images.labels import Labels
from consult.studies.model import Uids


def person_params(labels: Labels) -> dict[str, str | None]:
    """The patient and the accession number, as the jail's jobs take them."""
    return {
        "patient_name": labels.patient_name,
        "patient_id": labels.patient_number,
        "birth_date": labels.birth_on.strftime("%Y%m%d"),
        "sex": labels.sex,
        "accession_number": labels.accession_number[:16],  # SH, PS3.5 6.2
    }


def uid_params(uids: Uids) -> dict[str, str | None]:
    """The identity, as the jail's jobs take it."""
    return {
        "study_instance_uid": uids.study_instance_uid,
        "series_instance_uid": uids.series_instance_uid,
        "sop_instance_uid": uids.sop_instance_uid,
    }
