"""Refusals of own readings."""

from consult.kernel.errors import ConflictError, ForbiddenError
from consult.kernel.ids import CaseId


class OwnReadingOffError(ConflictError):
    """Nobody is asked to read first on cases of this service."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("own-reading-off")
        self.case_id = case_id


class OwnReadingUntimelyError(ConflictError):
    """Before the case is sent, and once it has ended without an opinion, nothing is read."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("own-reading-untimely")
        self.case_id = case_id


class OwnReadingLockedError(ConflictError):
    """It was locked before, and what is locked never changes."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("own-reading-locked")
        self.case_id = case_id


class NothingKeptBackError(ConflictError):
    """No opinion waits for an own reading here."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("own-reading-nothing-waits")
        self.case_id = case_id


class NotRequestingPhysicianError(ForbiddenError):
    """An own reading is the requesting physician's of the case, and nobody else's."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("own-reading-not-yours")
        self.case_id = case_id
