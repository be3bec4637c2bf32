"""What can go wrong with a recall."""

from consult.kernel.errors import ConflictError
from consult.kernel.ids import CaseId


class RecallOverError(ConflictError):
    """Nobody is waited for after this case now."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("recall-over", case_id=case_id)
        self.case_id = case_id


class RecallChangedError(ConflictError):
    """The recall has moved on since the page was drawn."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("recall-changed", case_id=case_id)
        self.case_id = case_id
