"""When a patient is to be told: from the decision, from a batch receipt, anew after a change."""

from dataclasses import replace

from consult.cases import service as cases
from consult.cases.accountable import physician_of
from consult.cases.model import Case
from consult.cases.service import Said
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports.tellings import keeping, store
from consult.reports.tellings.errors import TellingOpenError
from consult.reports.tellings.model import Telling, TellingRules, TellingState
from consult.reports.unremarkable import Version
from consult.reports.verify import content_of
from consult.reports.versions import Report


def open_telling(work: Work, case: Case, report: Report, *, rules: TellingRules) -> None:
    """Put the patient on the list for this version, once; an older version's task is replaced."""
    known = store.list_of_case(work.session, case.id)
    if any(each.report_id == report.id for each in known):
        return
    for each in known:
        if each.is_open:
            _replace(work, case, each, report)
    signed = Version(report.service_type, report.version, report.status)
    kind = rules.kind_of(signed, content_of(report))
    telling = Telling(
        id=new_id(),
        case_id=case.id,
        number=case.number,
        patient_id=case.patient_id,
        report_id=report.id,
        institution_id=case.institution_id,
        owner_id=physician_of(work, case),
        kind=kind,
        opened_at=work.now,
        due_on=organisations.today_at(work, case.institution_id) + rules.within[kind],
        rules=f"{rules.name} {rules.version}",
        state=TellingState.OPEN,
        way=None,
        reason="",
        risk=None,
        ended_at=None,
        ended_by_id=None,
        revision=1,
    )
    keeping.begin(work, case, telling)


def open_after_change(work: Work, case: Case, report: Report, *, rules: TellingRules) -> None:
    """A version that amends or retracts puts the patient back on the list she once stood on."""
    if report.version == 1 or not store.list_of_case(work.session, case.id):
        return
    now = cases.get_case(work, case.id)
    open_telling(work, now, report, rules=rules)


def must_be_told(work: Work, case_id: str) -> bool:
    """Whether a case stays open until its patient was told."""
    telling = store.find_open(work.session, case_id)
    return telling is not None and telling.holds_case


def require_told(work: Work, case: Case) -> None:
    """Raise TellingOpenError while the patient of a case with a finding was not told (U5)."""
    if must_be_told(work, case.id):
        raise TellingOpenError(case.id)


def _replace(work: Work, case: Case, before: Telling, report: Report) -> None:
    ended = replace(before, state=TellingState.REPLACED, ended_at=work.now)
    moved = keeping.move(work, before, ended)
    by = Said(codes={"report": report.id})
    keeping.tell(work, case, moved, "telling.replaced", by)
