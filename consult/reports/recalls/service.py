"""What people do with recall lists: call, put on a track, write down that a patient opts out."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases.events import case_entry
from consult.cases.model import Case
from consult.cases.service import Said
from consult.journal.rows import kept
from consult.kernel.errors import Fact, RefusedError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports.recalls import planning, store
from consult.reports.recalls.errors import RecallChangedError, RecallOverError
from consult.reports.recalls.model import (
    BY_GRADE,
    Recall,
    RecallRules,
    RecallState,
    RecallView,
)
from consult.reports.recalls.tables import RecallRow
from consult.reports.tellings import service as tellings
from consult.reports.tellings.calls import PatientCall
from consult.reports.tellings.service import LONGEST_NOTE, CallSaid
from consult.reports.tellings.tables import PatientCallRow

LONGEST_LIST = 200


def list_recalls(work: Work, *, view: RecallView, rules: RecallRules) -> list[Recall]:
    """One tab of the acting institution's list, the soonest due first."""
    return store.list_page(work.session, _listed(work, view, rules), limit=LONGEST_LIST)


def count_recalls(work: Work, *, rules: RecallRules) -> dict[RecallView, int]:
    """How many recalls each tab of what is still open has."""
    open_views = [view for view in RecallView if view is not RecallView.DONE]
    return {view: store.count(work.session, _listed(work, view, rules)) for view in open_views}


def list_calls(work: Work, recall_ids: Collection[str]) -> list[PatientCall]:
    """The calls about recalls that the actor was shown, the newest first."""
    return tellings.list_calls(work, recall_ids)


def list_of_case(work: Work, case: Case) -> list[Recall]:
    """Every recall after a case that the actor was shown, the newest first."""
    return store.list_of_case(work.session, case.id)


def get_recall(work: Work, case_id: str) -> tuple[Case, Recall]:
    """The newest recall after one's own case; raises RecallOverError where there never was one."""
    case = cases.get_own_case(work, case_id)
    found = store.list_of_case(work.session, case.id)
    if not found:
        raise RecallOverError(case.id)
    return case, found[0]


def log_call(work: Work, *, case_id: str, revision: int, said: CallSaid) -> Recall:
    """Write down that patient or family was called to come."""
    case, recall = _open(work, case_id, revision)
    call = tellings.keep_call(work, recall.id, said)
    codes: dict[str, Fact] = {"recall": recall.id, "call": call.id, "whom": call.whom.value}
    codes |= {"result": call.result.value, **kept(work, PatientCallRow, call.id)}
    words = {"note": call.note} if call.note else {}
    work.journal(case_entry(case, "recall.called", codes=codes, words=words))
    return recall


def note_printed(work: Work, printed: Sequence[Recall]) -> None:
    """Write down for each patient that her name and telephone went onto paper."""
    for recall in printed:
        case = cases.get_case(work, recall.case_id)
        work.journal(case_entry(case, "recall.listed", codes={"recall": recall.id}))


def change_track(
    work: Work, *, case_id: str, revision: int, track: str, rules: RecallRules
) -> Recall:
    """Put the patient on a track, or back to what her report says; her day moves with it."""
    _, recall = _open(work, case_id, revision)
    if track not in {BY_GRADE, *rules.tracks}:
        raise RefusedError("field-not-a-choice", field="track")
    due = rules.due_on(recall.signed_on, months=recall.months, track=track)
    after = replace(recall, track=track, due_on=due, rules=f"{rules.name} {rules.version}")
    said = Said(codes={"track": track, "due_on": due.isoformat()})
    return planning.move(work, recall, after, kind="recall.moved", said=said)


def opt_out(work: Work, *, case_id: str, revision: int, reason: str) -> Recall:
    """The patient does not want to be called any more; a new case may begin another recall."""
    _, recall = _open(work, case_id, revision)
    why = reason.strip()
    if not why:
        raise RefusedError("field-missing", field="reason")
    if len(why) > LONGEST_NOTE:
        raise RefusedError("field-too-long", field="reason", limit=LONGEST_NOTE)
    said = Said(words={"reason": why})
    return planning.end(
        work,
        replace(recall, reason=why),
        RecallState.OPTED_OUT,
        kind="recall.opted_out",
        said=said,
    )


def _open(work: Work, case_id: str, revision: int) -> tuple[Case, Recall]:
    case, recall = get_recall(work, case_id)
    if not recall.is_open:
        raise RecallOverError(case.id)
    if recall.revision != revision:
        raise RecallChangedError(case.id)
    return case, recall


def _listed(work: Work, view: RecallView, rules: RecallRules) -> store.Listed:
    place = work.actor.institution
    return store.Listed(
        institution_id=place,
        view=view,
        today=organisations.today_at(work, place),
        soon_days=rules.soon_days,
        seen=policy.seen_clause(work, ObjectType.CASE, RecallRow.case_id),
    )
