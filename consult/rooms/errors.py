"""Why something is not done with a video room."""

from consult.kernel.errors import ConflictError, ForbiddenError
from consult.kernel.ids import CaseId


class RoomNotOpenError(ConflictError):
    """Nobody has called on this case, or the call is over."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-not-open", case_id=case_id)
        self.case_id = case_id


class RoomCaseClosedError(ConflictError):
    """The case has not been submitted yet, or has ended: there is nothing to talk about."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-case-closed", case_id=case_id)
        self.case_id = case_id


class RoomCrowdedError(ConflictError):
    """So many have knocked or come and gone that nobody further is taken."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-crowded", case_id=case_id)
        self.case_id = case_id


class NotAdmittedError(ConflictError):
    """The host has not let this person in."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-not-admitted", case_id=case_id)
        self.case_id = case_id


class NobodyKnockedError(ConflictError):
    """The person who is to be let in has not knocked."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-nobody-knocked", case_id=case_id)
        self.case_id = case_id


class NotCallerError(ForbiddenError):
    """Only who asked for the opinion, who holds the case, or has its session now, calls."""

    def __init__(self) -> None:
        super().__init__("room-not-caller")


class NotHostError(ForbiddenError):
    """Only the host of the room does this."""

    def __init__(self) -> None:
        super().__init__("room-not-host")


class NotRungError(ConflictError):
    """The call does not ring for this person, or no more."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-not-rung", case_id=case_id)
        self.case_id = case_id


class RingTakenError(ConflictError):
    """Somebody else has answered the call already."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-ring-taken", case_id=case_id)
        self.case_id = case_id


class RingsSpentError(ConflictError):
    """A call has rung so often that it rings no more."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-rings-spent", case_id=case_id)
        self.case_id = case_id


class MinutesFullError(ConflictError):
    """The minutes of a call were written anew so often that no further wording is kept."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-minutes-full", case_id=case_id)
        self.case_id = case_id


CALL_IS_OVER = (RoomNotOpenError, RoomCaseClosedError)
"""What a page hears that asks of a call which ended while it asked."""
