"""Why a message is not taken."""

from consult.kernel.errors import ConflictError
from consult.kernel.ids import CaseId


class DiscussionClosedError(ConflictError):
    """The case has not been submitted yet, or has ended: nothing is written on it."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("discussion-closed", case_id=case_id)
        self.case_id = case_id


class DiscussionFullError(ConflictError):
    """So many messages stand on the case that no further one is taken."""

    def __init__(self, case_id: CaseId, *, most: int) -> None:
        super().__init__("discussion-full", case_id=case_id, most=most)
        self.case_id = case_id


class AmendedAlreadyError(ConflictError):
    """Another amendment stands in the place of this wording."""

    def __init__(self, message_id: str) -> None:
        super().__init__("message-amended-already", message_id=message_id)
        self.message_id = message_id


class KeyUsedError(ConflictError):
    """Another message was sent by this key."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("message-key-used", case_id=case_id)
        self.case_id = case_id
