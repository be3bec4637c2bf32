"""An opinion that is kept back is granted to nobody on the inviting side, so that no door has it.

The grant is the whole lock (decision 0214): page, data, PDF, dossier, marks and the objects in the
studies all ask for it, and each has the opinion again the moment that it is given.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from consult.access import policy
from consult.access import service as access
from consult.access.model import ObjectType, Party
from consult.cases.model import Case
from consult.jobs import service as jobs
from consult.kernel.errors import Fact
from consult.kernel.work import Entry, Work
from consult.reports.objects.model import OBJECTS_JOB
from consult.reports.own import store
from consult.reports.own.model import WaitEnd
from consult.reports.own.rules import OwnRules
from consult.reports.service import report_ref
from consult.reports.verify import content_of
from consult.reports.versions import Report

GRANT: Final = "case"


def is_kept_back(work: Work, case: Case, report: Report, *, rules: OwnRules) -> bool:
    """Whether a version that is being signed waits for the requesting physician's own reading.

    A correction never waits: whoever takes back or changes an opinion means it to be read now.
    """
    return (
        report.version == 1
        and rules.is_on(case)
        and not rules.waits_not(case, content_of(report))
        and store.find_reading(work.session, case.id) is None
    )


def keep_back(work: Work, case: Case, *, rules: OwnRules) -> None:
    """Write down that the inviting side is not shown the opinion yet."""
    store.add_wait(work.session, case.id, case.institution_id, since=work.now)
    codes = {"rules": f"{rules.name} {rules.version}"}
    tell(work, case, "own_reading.awaited", codes=codes)


def open_signed(work: Work, case: Case, report: Report, versions: Sequence[Report]) -> None:
    """Grant a version as it is signed; what waited before it is shown with it."""
    open_to_inviting(work, case, report)
    if end_wait(work, case, how=WaitEnd.CHANGED):
        show_kept(work, case, versions)


def end_wait(work: Work, case: Case, *, how: WaitEnd, reason: str = "") -> bool:
    """Write why the opinion is shown; False where none was kept back."""
    return store.end_wait(
        work.session,
        case.id,
        how=how,
        by_id=None if how is WaitEnd.CHANGED else work.actor.practitioner_id,
        reason=reason,
        at=work.now,
    )


def show_kept(work: Work, case: Case, versions: Sequence[Report]) -> None:
    """Grant every version that the inviting side has not, and file its objects in the studies."""
    for report in versions:
        if not is_open(work, case, report):
            open_to_inviting(work, case, report)
            jobs.queue_job(work, OBJECTS_JOB, {"report_id": report.id})


def open_to_inviting(work: Work, case: Case, report: Report) -> None:
    """Grant one version to the inviting institution."""
    to = (Party.INSTITUTION, case.institution_id)
    access.grant(work, report_ref(report.id), to=to, why=GRANT)


def is_open(work: Work, case: Case, report: Report) -> bool:
    """Whether the inviting side may see this version."""
    return policy.is_open_to(work, report_ref(report.id), case.institution_id)


def tell(
    work: Work,
    case: Case,
    kind: str,
    *,
    codes: Mapping[str, Fact],
    words: Mapping[str, str] | None = None,
) -> None:
    """The journal's entry of an own reading; it never says what the opinion was."""
    work.journal(
        Entry(
            kind,
            ObjectType.CASE,
            case.id,
            codes=codes,
            words=words or {},
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
