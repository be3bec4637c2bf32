"""What can go wrong with an urgent alert."""

from consult.kernel.errors import ConflictError
from consult.kernel.ids import CaseId


class AlertOpenError(ConflictError):
    """The case cannot be closed: nobody has confirmed its urgent alert yet."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("alert-open", case_id=case_id)
        self.case_id = case_id


class AlertOverError(ConflictError):
    """The case has no urgent alert that waits for a confirmation."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("alert-over", case_id=case_id)
        self.case_id = case_id


class AlertChangedError(ConflictError):
    """The alert has moved on since the page was drawn."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("alert-changed", case_id=case_id)
        self.case_id = case_id
