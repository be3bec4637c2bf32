"""What can go wrong with sessions and the windows in which they are offered."""

from consult.kernel.errors import ConflictError, RefusedError
from consult.kernel.ids import CaseId


class SessionTakenError(ConflictError):
    """The time is not offered any more, or somebody of the two has another session then."""

    def __init__(self) -> None:
        super().__init__("session-taken")


class SessionChangedError(ConflictError):
    """Somebody else moved or ended the session since the page was drawn."""

    def __init__(self) -> None:
        super().__init__("session-changed")


class CaseHasSessionError(ConflictError):
    """The case has a session ahead of it."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("case-has-session", case_id=case_id)
        self.case_id = case_id


class CaseWithoutSessionsError(ConflictError):
    """No session is booked for a case before its submission, or after its end."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("case-without-sessions", case_id=case_id)
        self.case_id = case_id


class TooManyError(RefusedError):
    """So many are kept at most: windows, days of leave, sessions of one doctor."""

    def __init__(self, limit: int) -> None:
        super().__init__("too-many-sessions", limit=limit)


class NotAnExpertError(RefusedError):
    """The person is no expert of the acting institution today."""

    def __init__(self) -> None:
        super().__init__("not-an-expert", field="expert_id")
