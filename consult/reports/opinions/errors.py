"""Why an opinion on a call is not signed."""

from consult.kernel.errors import ConflictError, ForbiddenError
from consult.kernel.ids import CaseId


class NotParticipantError(ForbiddenError):
    """Only who was in the call signs an opinion on it."""

    def __init__(self) -> None:
        super().__init__("opinion-not-participant")


class OpinionsFullError(ConflictError):
    """So many opinions were signed on a call that no further one is kept."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("opinions-full", case_id=case_id)
        self.case_id = case_id


class OpinionMovedError(ConflictError):
    """The same person signed another wording at the same moment."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("opinion-moved", case_id=case_id)
        self.case_id = case_id
