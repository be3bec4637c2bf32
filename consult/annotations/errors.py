"""Why a sheet of marks is not taken."""

from consult.kernel.errors import ConflictError
from consult.kernel.ids import CaseId


class MarksMovedOnError(ConflictError):
    """The sheet was saved elsewhere since this page read it; `have` is its revision now."""

    def __init__(self, case_id: CaseId, *, have: int) -> None:
        super().__init__("marks-moved-on", case_id=case_id, have=have)
        self.case_id, self.have = case_id, have
