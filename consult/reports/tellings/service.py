"""What people do with the list of patients to be told: call, tell, give up, take over (U5)."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases.events import case_entry
from consult.cases.model import Case
from consult.cases.service import Said
from consult.journal.rows import kept
from consult.kernel.errors import Fact, RefusedError
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Work
from consult.reports.alerts.model import Called, Heard
from consult.reports.tellings import keeping, store
from consult.reports.tellings.calls import PATIENT_SIDE, PatientCall
from consult.reports.tellings.errors import (
    TellingChangedError,
    TellingOverError,
)
from consult.reports.tellings.model import (
    Telling,
    TellingView,
)
from consult.reports.tellings.tables import PatientCallRow, TellingRow

LONGEST_LIST = 200
AT_ONCE = 200
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class CallSaid:
    """A call to patient or family as somebody tells of it."""

    whom: Called
    result: Heard
    note: str = field(default="", repr=False)


def list_tellings(work: Work, *, view: TellingView, limit: int = LONGEST_LIST) -> list[Telling]:
    """The tasks of the acting institution, the soonest due first; what is done newest first.

    At most LONGEST_LIST: how many there are says `count_tellings`.
    """
    return store.list_of_institution(
        work.session,
        institution_id=work.actor.institution,
        view=view,
        seen=policy.seen_clause(work, ObjectType.CASE, TellingRow.case_id),
        limit=min(limit, LONGEST_LIST),
    )


def count_open(work: Work) -> int:
    """How many patients of the acting institution are to be told."""
    return count_tellings(work, view=TellingView.OPEN)


def count_tellings(work: Work, *, view: TellingView) -> int:
    """How many tasks of the acting institution stand in one tab."""
    return store.count_of_institution(
        work.session,
        institution_id=work.actor.institution,
        view=view,
        seen=policy.seen_clause(work, ObjectType.CASE, TellingRow.case_id),
    )


def list_of_case(work: Work, case: Case) -> list[Telling]:
    """Every task of a case that the actor was shown, the newest first."""
    return store.list_of_case(work.session, case.id)


def list_calls(work: Work, task_ids: Collection[str]) -> list[PatientCall]:
    """The calls about tasks that the actor was shown, the newest first."""
    return store.list_calls(work.session, task_ids)


def get_telling(work: Work, case_id: str) -> tuple[Case, Telling]:
    """The newest task of one's own case; raises TellingOverError where there never was one."""
    case = cases.get_own_case(work, case_id)
    found = store.list_of_case(work.session, case.id)
    if not found:
        raise TellingOverError(case.id)
    return case, found[0]


def log_call(work: Work, *, case_id: str, revision: int, said: CallSaid) -> Telling:
    """Write down a call to patient or family; that she was told is said by itself."""
    case, telling = require_open(work, case_id, revision)
    call = keep_call(work, telling.id, said)
    codes: dict[str, Fact] = {"telling": telling.id, "call": call.id}
    codes |= {"whom": call.whom.value, "result": call.result.value}
    codes |= kept(work, PatientCallRow, call.id)
    words = {"note": call.note} if call.note else {}
    work.journal(case_entry(case, "telling.called", codes=codes, words=words))
    return telling


def keep_call(work: Work, task_id: str, said: CallSaid) -> PatientCall:
    """Write a call about a patient's task; whoever asks journals it with the row's likeness."""
    if said.whom not in PATIENT_SIDE:
        raise RefusedError("field-not-a-choice", field="whom")
    told = said.note.strip()
    if len(told) > LONGEST_NOTE:
        raise RefusedError("field-too-long", field="note", limit=LONGEST_NOTE)
    call = PatientCall(
        id=new_id(),
        task_id=task_id,
        institution_id=work.actor.institution,
        caller_id=work.actor.person,
        called_at=work.now,
        whom=said.whom,
        result=said.result,
        note=told,
    )
    store.save_call(work.session, call)
    return call


def take_over(work: Work, *, case_id: str, revision: int) -> Telling:
    """Have the task oneself from now on; to whom it belongs already nothing changes."""
    case, telling = get_telling(work, case_id)
    if not telling.is_open:
        raise TellingOverError(case.id)
    if telling.owner_id == work.actor.person:
        return telling
    _require_revision(telling, revision)
    return _give(work, case, telling, work.actor.person, kind="telling.taken")


def hand_over(work: Work, *, owner_id: str, institution_id: str, heir_id: PractitionerId) -> int:
    """What a person has at an institution is another's from now on; says how many tasks."""
    if heir_id == owner_id:
        return 0
    count = 0
    while owned := store.list_owned(
        work.session, owner_id=owner_id, institution_id=institution_id, limit=AT_ONCE
    ):
        for telling in owned:
            case = cases.get_case(work, telling.case_id)
            _give(work, case, telling, heir_id, kind="telling.rehomed")
        count += len(owned)
    return count


def count_owned(work: Work, *, owner_id: str, institution_id: str) -> int:
    """How many open tasks a person has at an institution."""
    return store.count_owned(work.session, owner_id=owner_id, institution_id=institution_id)


def require_open(work: Work, case_id: str, revision: int) -> tuple[Case, Telling]:
    """The open task of one's own case as it stood on the page.

    Raises TellingOverError, TellingChangedError.
    """
    case, telling = get_telling(work, case_id)
    if not telling.is_open:
        raise TellingOverError(case.id)
    _require_revision(telling, revision)
    return case, telling


def _require_revision(telling: Telling, revision: int) -> None:
    if telling.revision != revision:
        raise TellingChangedError(telling.case_id)


def _give(
    work: Work, case: Case, telling: Telling, owner_id: PractitionerId, *, kind: str
) -> Telling:
    moved = keeping.move(work, telling, replace(telling, owner_id=owner_id))
    keeping.tell(work, case, moved, kind, Said(codes={"left": telling.owner_id}))
    return moved
