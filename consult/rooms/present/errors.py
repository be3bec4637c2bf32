"""Why somebody is not written down as present."""

from consult.kernel.errors import ConflictError
from consult.kernel.ids import CaseId


class PresentFullError(ConflictError):
    """So many were written down in this call that nobody further is."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("present-full", case_id=case_id)
        self.case_id = case_id
