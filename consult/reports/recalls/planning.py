"""When a recall begins and ends by itself: with a decision, a later version, a new case."""

from collections.abc import Mapping
from dataclasses import replace

from consult.cases import service as cases
from consult.cases.events import case_entry
from consult.cases.model import Case
from consult.cases.service import Said
from consult.journal.rows import kept
from consult.kernel.errors import Fact
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports.recalls import store
from consult.reports.recalls.model import BY_GRADE, Recall, RecallRules, RecallState
from consult.reports.recalls.tables import RecallRow
from consult.reports.verify import content_of
from consult.reports.versions import Report

_NOTHING = Said()


def plan_recall(work: Work, case: Case, report: Report, *, rules: RecallRules) -> None:
    """Wait for the patient as this version asks, once; what was planned before it is replaced.

    A track on which the patient was put stays hers.
    """
    known = store.list_of_case(work.session, case.id)
    if case.service_type not in rules.on_for or any(row.report_id == report.id for row in known):
        return
    content = content_of(report)
    body = content.get("body")
    months = body.get("interval_months") if isinstance(body, Mapping) else None
    draft = _draft(work, case, report, months=int(months or 0), rules=rules)
    live = store.find_live(work.session, draft.live_key)
    if live is not None:
        by = Said(codes={"report": report.id})
        end(work, live, RecallState.REPLACED, kind="recall.replaced", said=by)
    if report.is_opinion and months is not None:
        track = live.track if live is not None and live.track in rules.tracks else BY_GRADE
        due = rules.due_on(draft.signed_on, months=int(months), track=track)
        _begin(work, case, replace(draft, track=track, due_on=due))


def plan_after_change(work: Work, case: Case, report: Report, *, rules: RecallRules) -> None:
    """A version that amends or retracts moves or ends the recall that its case has."""
    if report.version > 1 and store.list_of_case(work.session, case.id):
        plan_recall(work, cases.get_case(work, case.id), report, rules=rules)


def end_by_case(work: Work, case: Case) -> None:
    """The patient came: a new case of the same service was sent."""
    key = f"{case.patient_id}:{case.institution_id}:{case.service_type}"
    live = store.find_live(work.session, key)
    if live is not None and live.case_id != case.id:
        said = Said(codes={"by_case": case.id})
        end(work, live, RecallState.CAME, kind="recall.came", said=said)


def end(work: Work, before: Recall, state: RecallState, *, kind: str, said: Said) -> Recall:
    """Write that nobody waits for the patient any more."""
    ended = replace(before, state=state, ended_at=work.now, ended_by_id=work.actor.practitioner_id)
    return move(work, before, ended, kind=kind, said=said)


def move(work: Work, before: Recall, after: Recall, *, kind: str, said: Said = _NOTHING) -> Recall:
    """Write a recall as it stands now, unless it has moved meanwhile, and journal `kind`."""
    moved = replace(after, revision=before.revision + 1)
    store.save_move(work.session, before, moved)
    _tell(work, cases.get_case(work, moved.case_id), moved, kind, said)
    return moved


def _draft(work: Work, case: Case, report: Report, *, months: int, rules: RecallRules) -> Recall:
    zone = organisations.get_institution(work, case.institution_id)
    signed_on = zone.local_day(report.signed_at)
    named = content_of(report).get("rules")
    return Recall(
        id=new_id(),
        case_id=case.id,
        number=case.number,
        patient_id=case.patient_id,
        report_id=report.id,
        institution_id=case.institution_id,
        service_type=case.service_type,
        made_at=work.now,
        signed_on=signed_on,
        months=months,
        track=BY_GRADE,
        due_on=signed_on,
        basis=str(named.get("outcome") or "") if isinstance(named, Mapping) else "",
        rules=f"{rules.name} {rules.version}",
        state=RecallState.OPEN,
        reason="",
        ended_at=None,
        ended_by_id=None,
        revision=1,
    )


def _begin(work: Work, case: Case, recall: Recall) -> None:
    store.save_new(work.session, recall)
    codes: dict[str, Fact] = {"report": recall.report_id, "months": recall.months}
    codes["basis"] = recall.basis
    said = Said(codes={**codes, "due_on": recall.due_on.isoformat(), "rules": recall.rules})
    _tell(work, case, recall, "recall.planned", said)


def _tell(work: Work, case: Case, recall: Recall, kind: str, said: Said) -> None:
    codes: dict[str, Fact] = {"recall": recall.id, **said.codes}
    codes |= kept(work, RecallRow, recall.id)
    work.journal(case_entry(case, kind, codes=codes, words=said.words))
