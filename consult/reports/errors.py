"""What can go wrong with a report."""

from consult.kernel.errors import ConflictError, ForbiddenError, RefusedError
from consult.kernel.ids import CaseId, ReportId


class DraftChangedError(ConflictError):
    """The draft was saved elsewhere since this page read it."""

    def __init__(self, case_id: CaseId, *, have: int) -> None:
        super().__init__("draft-changed", case_id=case_id, have=have)
        self.case_id, self.have = case_id, have


class DraftMissingError(ConflictError):
    """There is nothing to sign yet."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("draft-missing", case_id=case_id)
        self.case_id = case_id


class ShownChangedError(ConflictError):
    """The content is no longer what the signer was shown."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("shown-changed", case_id=case_id)
        self.case_id = case_id


class NotReportAuthorError(ForbiddenError):
    """Only whoever signed a report amends it; the panel's leader may take it back as well."""

    def __init__(self) -> None:
        super().__init__("not-report-author")


class NothingSignedError(ConflictError):
    """There is no signed report that could be amended or taken back."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("nothing-signed", case_id=case_id)
        self.case_id = case_id


class ReportSupersededError(ConflictError):
    """A newer version has arrived, and that is the one to answer."""

    def __init__(self, report_id: ReportId, *, newest: int) -> None:
        super().__init__("report-superseded", newest=newest)
        self.report_id, self.newest = report_id, newest


class ReportUnreceivedError(ConflictError):
    """The newest version was not received yet, so nobody decides on it."""

    def __init__(self, case_id: CaseId, *, version: int) -> None:
        super().__init__("report-unreceived", version=version)
        self.case_id, self.version = case_id, version


class ReportRetractedError(RefusedError):
    """A report that was taken back can be neither followed nor referred on."""

    def __init__(self, field: str) -> None:
        super().__init__("decision-report-retracted", field=field)


class ReportReceivedError(ConflictError):
    """The version was received already."""

    def __init__(self, report_id: ReportId) -> None:
        super().__init__("report-received-already", report_id=report_id)
        self.report_id = report_id


class CaseDecidedError(ConflictError):
    """The inviting side has decided on this report already."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("case-decided-already", case_id=case_id)
        self.case_id = case_id


class ReferralReasonNeededError(RefusedError):
    """The report asks for a referral, and the next step is another one, without a reason."""

    def __init__(self) -> None:
        super().__init__("next-step-needs-reason", field="reason")


class ReasonNeededError(RefusedError):
    """An opinion that is not followed in full needs a reason (RPT-07)."""

    def __init__(self) -> None:
        super().__init__("decision-needs-reason", field="reason")
