"""What can go wrong with a case, apart from a step that its table does not have (model.py)."""

from consult.kernel.errors import ConflictError, ForbiddenError, RefusedError
from consult.kernel.ids import CaseId


class CaseChangedError(ConflictError):
    """The case was changed by somebody else since the page was drawn."""

    def __init__(self, case_id: CaseId, *, have: int, want: int) -> None:
        super().__init__("case-changed", case_id=case_id, have=have, want=want)
        self.case_id, self.have, self.want = case_id, have, want


class CaseNotDraftError(ConflictError):
    """The answers of a case that is under way are not changed any more."""

    def __init__(self, case_id: CaseId, status: str) -> None:
        super().__init__("case-not-draft", case_id=case_id, status=f"term:case_status.{status}")
        self.case_id = case_id


class DraftExistsError(ConflictError):
    """The patient has a draft of this service already; the page offers to open it."""

    def __init__(self, case_id: CaseId, number: str) -> None:
        super().__init__("draft-exists", case_id=case_id, number=number)
        self.case_id = case_id


class SubmitterNotPhysicianError(ForbiddenError):
    """A photographer prepares a case, a requesting physician submits it (U18)."""

    def __init__(self) -> None:
        super().__init__("submit-needs-physician")


class OwnerMissingError(ConflictError):
    """Nobody would be accountable for the case after this step."""

    def __init__(self, case_id: CaseId, status: str) -> None:
        super().__init__("case-owner-missing", case_id=case_id, status=f"term:case_status.{status}")
        self.case_id = case_id


class SuccessorNotEligibleError(RefusedError):
    """The person named does not hold the role in which the leaver answered."""

    def __init__(self) -> None:
        super().__init__("successor-not-eligible", field="successor_id")


class InstitutionHasCasesError(ConflictError):
    """Cases under way keep an institution from being stopped: nobody could answer for them."""

    def __init__(self, count: int) -> None:
        super().__init__("institution-has-cases", count=count)


class PhysicianMissingError(ConflictError):
    """No requesting physician works at the institution today, so nobody would answer for a case."""

    def __init__(self) -> None:
        super().__init__("physician-missing")


class LastPhysicianError(ConflictError):
    """An institution's only requesting physician stays while a case that it sent is open."""

    def __init__(self, count: int) -> None:
        super().__init__("last-physician", count=count)


class SuccessorNeededError(RefusedError):
    """Open cases of a person who leaves need somebody who takes them over."""

    def __init__(self, count: int) -> None:
        super().__init__("successor-needed", field="successor_id", count=count)
