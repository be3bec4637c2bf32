"""Why something is not done with a recording."""

from consult.kernel.errors import ConflictError
from consult.kernel.ids import CaseId


class RecordingRefusedError(ConflictError):
    """Somebody in this call does not want it recorded, and was not asked in vain."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("recording-refused", case_id=case_id)
        self.case_id = case_id


class NotRecordingError(ConflictError):
    """There is no recording of this call on which anything could be done."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("recording-none", case_id=case_id)
        self.case_id = case_id


class TooManyAnswersError(ConflictError):
    """So often it was agreed and refused in this call that nothing further is taken."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("recording-crowded", case_id=case_id)
        self.case_id = case_id


class RecordingFullError(ConflictError):
    """The institution of the case keeps as much as it may: no recording begins."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("recording-full", case_id=case_id)
        self.case_id = case_id


class HoldStandsError(ConflictError):
    """The actor's institution holds the recordings of the case back already."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("hold-stands", case_id=case_id)
        self.case_id = case_id


class HoldNotYoursError(ConflictError):
    """The actor's institution holds nothing back that it could let go."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("hold-not-yours", case_id=case_id)
        self.case_id = case_id
