"""What can go wrong with telling a patient."""

from consult.kernel.errors import ConflictError, RefusedError
from consult.kernel.ids import CaseId
from consult.reports.tellings.model import Tries


class TellingOpenError(ConflictError):
    """The case cannot be closed: its patient has not been told yet."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("telling-open", case_id=case_id)
        self.case_id = case_id


class TellingOverError(ConflictError):
    """Nobody is to be told anything of this case now."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("telling-over", case_id=case_id)
        self.case_id = case_id


class TellingChangedError(ConflictError):
    """The task has moved on since the page was drawn."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("telling-changed", case_id=case_id)
        self.case_id = case_id


class TellingUnreceivedError(ConflictError):
    """The version that is to be told was not received yet: nobody here has read it."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("telling-unreceived", case_id=case_id)
        self.case_id = case_id


class TellingSinglyError(ConflictError):
    """Among the patients is one who is told by herself."""

    def __init__(self, number: str) -> None:
        super().__init__("telling-singly", number=number)
        self.number = number


class RiskUntoldError(RefusedError):
    """A patient who refuses the referral was not told what happens without it."""

    def __init__(self) -> None:
        super().__init__("telling-risk", field="risk")


class CallsTooFewError(RefusedError):
    """The patient was not called in vain often enough to count as lost."""

    def __init__(self, tries: Tries) -> None:
        super().__init__(
            "telling-tries",
            field="state",
            calls=tries.calls,
            days=tries.days,
            least_calls=tries.rules.least_calls,
            least_days=tries.rules.least_days,
        )
        self.tries = tries
