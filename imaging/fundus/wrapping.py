"""What a caller says about a photograph that becomes a DICOM instance."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """The patient as the instance names them."""

    name: str
    patient_id: str
    birth_date: str | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class Wrapping:
    """Identity, time, eye and field; `laterality` None means that no person has confirmed it.

    `is_fundus` is what the picture looked like when it came in.
    """

    person: Person
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    captured_at: datetime | None = None
    captured_source: str | None = None
    offset: str | None = None
    laterality: str | None = None
    field: str | None = None
    accession_number: str = ""
    institution_name: str = ""
    device: str = ""
    instance_number: int = 1
    is_fundus: bool = True
