"""Why nobody's turn to speak changes."""

from consult.kernel.errors import ConflictError
from consult.kernel.ids import CaseId


class HandNotRaisedError(ConflictError):
    """The person who is to speak has raised no hand, or has lowered it."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-hand-not-raised", case_id=case_id)
        self.case_id = case_id


class TurnsFullError(ConflictError):
    """Hands were raised in a call so often that no further one is kept."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("room-turns-full", case_id=case_id)
        self.case_id = case_id
