"""A picture corrected after a submission: what it was taken for, what it is, and both are kept."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import datetime

from consult.cases.images.labels import Labels
from consult.cases.model import CaseStatus
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, InstanceId, PractitionerId
from consult.studies.corrections import Derived
from consult.studies.model import Instance, Uids

NOT_CORRECTED = frozenset({CaseStatus.DRAFT, CaseStatus.CANCELLED, CaseStatus.WITHDRAWN})
"""Where nobody else was shown a picture, or is shown it any more."""


class CorrectionKind(enum.StrEnum):
    """What was wrong with a picture."""

    WRONG_EYE = "wrong_eye"
    WRONG_PATIENT = "wrong_patient"


@dataclass(frozen=True, slots=True)
class Correction:
    """One picture's old and new state.

    `instance_id` is the object as it was relied on, `new_instance_id` the one that took its place:
    the same where a foreign object keeps its bytes, None where nobody knows whose picture it is.
    """

    id: str
    case_id: CaseId
    image_id: str
    kind: CorrectionKind
    instance_id: InstanceId
    new_instance_id: InstanceId | None
    eye_before: Eye | None
    field_before: FieldCode | None
    eye_after: Eye | None
    field_after: FieldCode | None
    to_case_id: CaseId | None
    to_image_id: str | None
    by_id: PractitionerId
    at: datetime

    @property
    def is_in_place(self) -> bool:
        """Whether the object itself stayed, and only what is said of it changed."""
        return self.kind is CorrectionKind.WRONG_EYE and self.instance_id == self.new_instance_id


@dataclass(frozen=True, slots=True)
class EyeWish:
    """Which eye and field a picture really shows, and why that is known."""

    case_id: str
    image_id: str
    revision: int
    eye: Eye | None
    field: FieldCode
    reason: str = slot(repr=False)


@dataclass(frozen=True, slots=True)
class PatientWish:
    """Which pictures are another patient's; into which draft they go, if their patient is known."""

    case_id: str
    revision: int
    image_ids: tuple[str, ...]
    to_case_id: str | None
    reason: str = slot(repr=False)


@dataclass(frozen=True, slots=True)
class Making:
    """One corrected object that is still to be made, and under which identity.

    `labels` are the new patient's; None leaves the patient as he stands in the header.
    """

    source: Instance
    uids: Uids
    eye: Eye | None
    field: FieldCode | None
    labels: Labels | None


Made = Mapping[InstanceId, Derived]
