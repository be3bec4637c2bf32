"""A signed version is written, told and opened to both sides: what releasing a report is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from consult.access import service as access
from consult.access.model import ObjectType, Party
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.cases.service import Said
from consult.kernel.errors import Fact
from consult.kernel.work import Entry, Work
from consult.queue import service as queue
from consult.queue.model import ClaimEnd
from consult.reports import store
from consult.reports.after import follow_change
from consult.reports.alerts.service import raise_alert
from consult.reports.figures.service import note_figures
from consult.reports.own import waiting
from consult.reports.papers.service import want_paper
from consult.reports.service import report_ref
from consult.reports.tables import ReportRow
from consult.reports.versions import Report, ReportRules


@dataclass(frozen=True, slots=True)
class Signed:
    """A version as it was signed a moment ago, with the marks under it and how it was proved."""

    row: ReportRow
    content: Mapping[str, object] = field(repr=False)
    marks: bytes | None = field(repr=False)
    proved: Mapping[str, str]

    @property
    def codes(self) -> dict[str, Fact]:
        """What the journal keeps of a signature."""
        return {
            "version": self.row.version,
            "status": self.row.status.value,
            "sha256": self.row.sha256,
            "shown_sha256": self.row.shown_sha256,
            "seal": self.row.seal_id,
            **self.proved,
        }


def keep_signed(work: Work, case: Case, signed: Signed, *, rules: ReportRules) -> Report:
    """Write a signed version, tell the journal, open it to both sides, have it put on paper."""
    tell_signed(work, case, signed, kind="report.signed")
    return put_out(work, case, signed.row, signed.marks, rules=rules)


def tell_signed(work: Work, case: Case, signed: Signed, *, kind: str) -> None:
    """The journal's entry of a signature."""
    work.journal(
        Entry(
            kind,
            ObjectType.REPORT,
            signed.row.id,
            codes=signed.codes,
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )


def put_out(
    work: Work, case: Case, row: ReportRow, marks: bytes | None, *, rules: ReportRules
) -> Report:
    """A version that is signed becomes the case's report; one that is urgent raises an alert."""
    report = store.save_report(work.session, row)
    if marks is not None:
        store.keep_marks(work.session, row.id, case.id, marks)
    note_figures(work, case, report)
    _open_to_both(work, case, report, rules=rules)
    raise_alert(work, case, report, rules=rules.alerts)
    follow_change(work, case, report, rules=rules.after)
    want_paper(work, report)
    return report


def answer_case(work: Work, case: Case, row: ReportRow, **more: str) -> None:
    """The case has its report, and nobody holds it any more."""
    said = Said(codes={"report": row.id, "version": row.version, **more})
    cases.step(work, begun(work, case), CaseStatus.REPORTED, kind="case.reported", said=said)
    queue.end_claim(work, case_id=case.id, how=ClaimEnd.REPORTED)


def begun(work: Work, case: Case) -> Case:
    """The case as it is being read, for whoever signs without having opened its room."""
    if case.status is not CaseStatus.ACCEPTED:
        return case
    return cases.step(work, case, CaseStatus.READING, kind="case.reading")


def _open_to_both(work: Work, case: Case, report: Report, *, rules: ReportRules) -> None:
    """The report belongs to the invited institution and is granted to the inviting one.

    Not before the requesting physician has read for herself, where that is asked of her (TRN-02).

    An amended one is seen by whoever was shown the version before it: the referral's hospital.
    """
    ref = report_ref(report.id)
    access.keep(work, ref, custodian=(Party.INSTITUTION, report.institution_id))
    if waiting.is_kept_back(work, case, report, rules=rules.own):
        waiting.keep_back(work, case, rules=rules.own)
        return
    known = [each for each in store.list_of_case(work.session, case.id) if each.id != report.id]
    waiting.open_signed(work, case, report, known)
    if known:
        access.grant_alike(work, ref, like=report_ref(known[0].id), besides=waiting.GRANT)
