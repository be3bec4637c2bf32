"""After a signature: the case is answered, or waits for a second reader, an arbiter, a reviewer.

The first reading becomes the report when the second one agrees with it; where they differ, a third
physician, who has both before her, signs the report (Q-10). What is reviewed is signed by the
reviewer, with its author named in it (RPT-03). Until then none is a report, so that no door that
shows reports can show them.
"""

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.cases.service import Said
from consult.kernel.work import Work
from consult.queue import further, holding
from consult.queue import service as queue
from consult.queue.model import ClaimEnd
from consult.reports.release import Signed, answer_case, begun, keep_signed, put_out, tell_signed
from consult.reports.second import store
from consult.reports.second.matters import SecondRules
from consult.reports.second.model import Held, Part
from consult.reports.second.review import ReviewRules
from consult.reports.second.rules import is_chosen, is_reviewed
from consult.reports.verify import content_of
from consult.reports.versions import Report, ReportRules

SIGNED = "reading.signed"
_SETTLED_BY_ONE = frozenset({CaseStatus.ARBITRATION, CaseStatus.REPORT_REVIEW})


def settle(work: Work, case: Case, signed: Signed, *, rules: ReportRules) -> Report:
    """What follows from the signature of a reading; the answer is the version that was signed.

    What two physicians have read is reviewed by that.
    """
    if case.status is CaseStatus.SECOND_READ:
        return _settle_second(work, case, signed, rules=rules)
    if case.status in _SETTLED_BY_ONE:
        return _settle_alone(work, case, signed, rules=rules)
    if signed.row.version == 1 and is_chosen(work, case, signed.content, rules=rules.second):
        return _ask_second(work, case, signed, rules=rules.second)
    if signed.row.version == 1 and is_reviewed(work, case, signed.content, rules=rules.review):
        return _ask_review(work, case, signed, rules=rules.review)
    answer_case(work, case, signed.row)
    return keep_signed(work, case, signed, rules=rules)


def _ask_second(work: Work, case: Case, signed: Signed, *, rules: SecondRules) -> Report:
    """The reading is kept, and the case waits for another physician of the panel.

    Neither entry says why it was chosen: that would tell the second reader what the first saw.
    """
    after = _wait(work, begun(work, case), CaseStatus.SECOND_READ, rules=rules)
    return _keep(work, after, signed, part=Part.FIRST)


def _ask_review(work: Work, case: Case, signed: Signed, *, rules: ReviewRules) -> Report:
    """The report is kept, and the case waits for the panel's leader or a reviewer."""
    after = _wait(work, begun(work, case), CaseStatus.REPORT_REVIEW, rules=rules)
    return _keep(work, after, signed, part=Part.BEFORE_REVIEW)


def _settle_second(work: Work, case: Case, signed: Signed, *, rules: ReportRules) -> Report:
    """Agreed, or before an arbiter; a second reading that cannot wait is the report at once."""
    further.require_turn(work, case)
    first = _first(work, case)
    if rules.second.waits_not(case, signed.content):
        answer_case(work, case, signed.row, first=first.report.id)
        read = _keep(work, case, signed, part=Part.SECOND)
        put_out(work, case, signed.row, signed.marks, rules=rules)
        return read
    if rules.second.differences(content_of(first.report), signed.content):
        after = _wait(work, case, CaseStatus.ARBITRATION, rules=rules.second)
        return _keep(work, after, signed, part=Part.SECOND)
    row = store.as_report_row(first)
    answer_case(work, case, row, second=signed.row.id)
    read = _keep(work, case, signed, part=Part.SECOND)
    put_out(work, case, row, first.marks, rules=rules)
    return read


def _settle_alone(work: Work, case: Case, signed: Signed, *, rules: ReportRules) -> Report:
    """The arbiter or the reviewer signs the report herself; what was held stays as it was."""
    further.require_turn(work, case)
    known = {held.part.value: held.report.id for held in store.list_held(work.session, case.id)}
    further.note_reader(work, case)
    answer_case(work, case, signed.row, **known)
    return keep_signed(work, case, signed, rules=rules)


def _wait(work: Work, case: Case, to: CaseStatus, *, rules: SecondRules | ReviewRules) -> Case:
    """The case stands before its panel again; the leader answers until somebody takes it."""
    owner_id = holding.answering(work, holding.panel_of(work, case))
    said = Said(codes={"rules": f"{rules.name} {rules.version}"})
    after = cases.step(work, case, to, kind=f"case.{to}", owner_id=owner_id, said=said)
    queue.end_claim(work, case_id=case.id, how=ClaimEnd.REPORTED)
    return after


def _keep(work: Work, case: Case, signed: Signed, *, part: Part) -> Report:
    further.note_reader(work, case)
    store.hold(work.session, signed.row, part=part, marks=signed.marks)
    tell_signed(work, case, signed, kind=SIGNED)
    return next(
        held.report
        for held in store.list_held(work.session, case.id)
        if held.report.id == signed.row.id
    )


def _first(work: Work, case: Case) -> Held:
    return next(held for held in store.list_held(work.session, case.id) if held.part is Part.FIRST)
