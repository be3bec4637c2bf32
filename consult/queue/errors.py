"""What can go wrong on the experts' list."""

from datetime import datetime

from consult.kernel.errors import ConflictError, ForbiddenError
from consult.kernel.ids import CaseId
from consult.people.practitioners.model import PersonName


class CaseTakenError(ConflictError):
    """Another expert was first; the answer says who and when."""

    def __init__(self, case_id: CaseId, *, by: PersonName, at: datetime) -> None:
        super().__init__(
            "case-taken",
            case_id=case_id,
            by=by.name,
            by_en=by.name_en,
            at=f"time:{at.isoformat()}",
        )
        self.case_id, self.by, self.at = case_id, by.name, at


class CaseNotYoursError(ConflictError):
    """The case is not taken by this expert (any more): the lease ran out, or it was put back."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("case-not-yours", case_id=case_id)
        self.case_id = case_id


class NotOnPanelError(ForbiddenError):
    """The expert does not sit on the panel to which the case was sent."""

    def __init__(self) -> None:
        super().__init__("not-on-panel")


class NotPanelLeaderError(ForbiddenError):
    """Only the panel's leader sends a declined case on."""

    def __init__(self) -> None:
        super().__init__("not-panel-leader")
