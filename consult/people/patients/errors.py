"""What can go wrong with a patient's record."""

from consult.kernel.errors import ConflictError, RefusedError
from consult.kernel.ids import PatientId


class PatientAlreadyRegisteredError(ConflictError):
    """The institution has a record with this document; the page offers to open it."""

    def __init__(self, patient_id: PatientId, local_number: str) -> None:
        super().__init__("patient-already-registered", patient_id=patient_id, number=local_number)
        self.patient_id = patient_id


class PatientChangedError(ConflictError):
    """The record was changed by somebody else since the page was drawn."""

    def __init__(self, patient_id: PatientId) -> None:
        super().__init__("patient-changed", patient_id=patient_id)
        self.patient_id = patient_id


class IdentityAlreadySettledError(ConflictError):
    """The identity rests on a document already, which is not simply replaced."""

    def __init__(self, patient_id: PatientId) -> None:
        super().__init__("identity-already-settled", patient_id=patient_id)
        self.patient_id = patient_id


class SearchTooLongError(RefusedError):
    """Nobody is called like this."""

    def __init__(self, longest: int) -> None:
        super().__init__("field-too-long", field="q", limit=longest)
