"""What can go wrong on the experts' list."""

from datetime import date, datetime

from consult.kernel.errors import ConflictError, ForbiddenError, RefusedError
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


class OnLeaveError(ConflictError):
    """Whoever is on leave takes no case until she takes the leave back."""

    def __init__(self, until: date) -> None:
        super().__init__("on-leave", until=until.isoformat())
        self.until = until


class NotAbleError(RefusedError):
    """The expert is away, may not sign, or has read the case already."""

    def __init__(self, field: str) -> None:
        super().__init__("expert-not-able", field=field)


class NotWaitingError(ConflictError):
    """The case does not wait before the panel any more."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("case-not-waiting", case_id=case_id)


class NotOnPanelError(ForbiddenError):
    """The expert does not sit on the panel to which the case was sent."""

    def __init__(self) -> None:
        super().__init__("not-on-panel")


class AlreadyReadError(ForbiddenError):
    """Nobody reads a case twice, or settles between her own reading and another."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("case-already-read", case_id=case_id)


class NotArbiterError(ForbiddenError):
    """Two readings that differ are settled by the panel's leader or a reviewer on it."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("not-arbiter", case_id=case_id)


class NotReviewerError(ForbiddenError):
    """Before it is released a report is reviewed by the panel's leader or a reviewer on it."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("not-reviewer", case_id=case_id)


class NotPanelLeaderError(ForbiddenError):
    """Only the panel's leader, or a coordinator in her place, decides this."""

    def __init__(self) -> None:
        super().__init__("not-panel-leader")


class CaseKeptError(ConflictError):
    """The case came back for the expert who had asked for more, and is kept for her a while."""

    def __init__(self, case_id: CaseId, *, by: PersonName, until: datetime) -> None:
        super().__init__(
            "case-kept",
            case_id=case_id,
            by=by.name,
            by_en=by.name_en,
            until=f"time:{until.isoformat()}",
        )
        self.case_id, self.until = case_id, until


class SamePanelError(RefusedError):
    """A case is sent to another panel, not to the one before which it stands."""

    def __init__(self) -> None:
        super().__init__("same-panel", field="to_panel_id")


class PanelNotAgreedError(RefusedError):
    """No agreement that holds today lets the inviting institution's cases go to this panel."""

    def __init__(self) -> None:
        super().__init__("panel-not-agreed", field="to_panel_id")


class PanelUnledError(RefusedError):
    """Nobody would answer for the case before a panel whose leader has gone."""

    def __init__(self) -> None:
        super().__init__("panel-unled", field="to_panel_id")


class RowFullError(RefusedError):
    """The expert holds as many cases as one may; some are read first."""

    def __init__(self, limit: int) -> None:
        super().__init__("row-full", field="count", limit=limit)


class NotTakenAtOnceError(RefusedError):
    """Cases of this kind are taken one by one, or not so many at once."""

    def __init__(self, field: str) -> None:
        super().__init__("not-taken-at-once", field=field)
