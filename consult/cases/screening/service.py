"""The list of a day: pasted, added to by a scan, begun patient by patient (Q-09, U1, U18)."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases import service_draft
from consult.cases.events import case_entry, patient_ref
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.cases.rules import CaseRules
from consult.cases.screening import store
from consult.cases.screening.errors import (
    BegunAlreadyError,
    DayFullError,
    ListChangedError,
    NotListedError,
    ScanUnclearError,
)
from consult.cases.screening.examining import examine
from consult.cases.screening.history import NOTHING_TOLD, ListedHistory
from consult.cases.screening.model import TAKEN, LineReport, Listed, ListReport, ListRules
from consult.cases.screening.reading import decode_list
from consult.kernel.errors import Fact
from consult.kernel.ids import CaseId, PatientId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.registration import PatientRules

SERVICE: Final = ServiceType.SCREENING_READ
# A card reader may type more than the number: name, number and address in one go.
_CITIZEN_NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9Xx])")
check_list = examine
decode_file = decode_list


def take_list(
    work: Work, text: str, *, count: int, rules: ListRules, registration: PatientRules
) -> ListReport:
    """Register and list everybody whose line is in order: all of them in this unit, or nobody.

    `count` is how many the person was shown: raises ListChangedError where it is another now,
    DayFullError where the day's list would become too long.
    """
    report = examine(work, text, rules=rules, registration=registration)
    if report.count != count:
        raise ListChangedError
    _require_room(work, report.count, rules)
    for line in report.lines:
        if line.verdict in TAKEN:
            patient_id = _patient_of(work, line, registration=registration)
            _add(work, patient_id, history=line.history)
    return report


def list_today(work: Work, *, rules: ListRules) -> list[Listed]:
    """Who stands on the acting institution's list of today."""
    place = work.actor.institution
    day = organisations.today_at(work, place)
    return store.list_day(work.session, institution_id=place, day=day, limit=rules.most_listed)


def list_on(work: Work, day: date, *, rules: ListRules) -> list[Listed]:
    """Who stood on the acting institution's list of another day."""
    place = work.actor.institution
    return store.list_day(work.session, institution_id=place, day=day, limit=rules.most_listed)


def find_day_before(work: Work) -> date | None:
    """The newest day before today on which the acting institution had a list."""
    place = work.actor.institution
    today = organisations.today_at(work, place)
    return store.find_day_before(work.session, institution_id=place, day=today)


def count_left(work: Work, listed: Sequence[Listed]) -> int:
    """How many of an earlier day's list were not sent, and stand not on today's."""
    return len(_left(work, listed))


def carry_over(work: Work, day: date, *, rules: ListRules) -> int:
    """Put on today's list whoever was left open on an earlier day, with her draft; how many.

    Raises NotListedError for a day that is not over, DayFullError where today's would be too long.
    """
    place = work.actor.institution
    if day >= organisations.today_at(work, place):
        raise NotListedError
    new = _left(work, list_on(work, day, rules=rules))
    _require_room(work, len(new), rules)
    for each in new:
        _add(
            work,
            each.patient_id,
            case_id=each.case_id,
            history=each.history,
            carried_from=day,
        )
    return len(new)


def find_listed(work: Work, patient_id: str) -> Listed | None:
    """A patient's line of today; None where she is on no list of this institution."""
    place = work.actor.institution
    day = organisations.today_at(work, place)
    return store.find_listed(work.session, institution_id=place, day=day, patient_id=patient_id)


def scan(work: Work, text: str, *, rules: ListRules, registration: PatientRules) -> PatientId:
    """Whom a scan, a card or typed words mean: on the list, else registered and added to it.

    Raises ScanUnclearError where that is nobody, or several people.
    """
    card = _CITIZEN_NUMBER.search(text)
    found = patients.search_patients(work, text=card.group() if card else text, rules=registration)
    place = work.actor.institution
    own = [each.patient.id for each in found if each.patient.institution_id == place]
    listed = [each for each in own if find_listed(work, each) is not None]
    meant = listed or own
    if not text.strip() or len(meant) != 1:
        raise ScanUnclearError("scan-several" if len(meant) > 1 else "scan-nobody")
    if not listed:
        _require_room(work, 1, rules)
        _add(work, meant[0])
    return meant[0]


def begin(work: Work, patient_id: str, *, panel_id: str, rules: CaseRules) -> Case:
    """The draft of a patient on today's list: opened now, or the one that she has already.

    What the list said of her diabetes are its first answers.
    """
    policy.require_own(work, patient_ref(patient_id))
    listed = _require_listed(work, patient_id)
    if listed.case_id is not None:
        return cases.get_own_case(work, listed.case_id)
    case = _find_draft(work, patient_id) or service_draft.open_case(
        work, patient_id=patient_id, service_type=SERVICE, panel_id=panel_id, rules=rules
    )
    if not store.save_case(work.session, listed.id, case_id=case.id):
        raise BegunAlreadyError
    work.journal(case_entry(case, "case.screening_begun", codes={"listed": listed.id}))
    return _answer_from_list(work, case, listed, rules=rules)


def take_off(work: Work, patient_id: str) -> None:
    """A patient leaves today's list; raises BegunAlreadyError once she has a case."""
    policy.require_own(work, patient_ref(patient_id))
    listed = _require_listed(work, patient_id)
    if not store.delete_listed(work.session, listed.id):
        raise BegunAlreadyError
    _journal(work, listed, "screening.taken_off")


def note_printed(work: Work, printed: Sequence[Listed], *, what: str) -> None:
    """Write down for each patient that her name went onto paper; `what` is the paper."""
    for listed in printed:
        _journal(work, listed, "screening.printed", what=what)


def _answer_from_list(work: Work, case: Case, listed: Listed, *, rules: CaseRules) -> Case:
    """What the list said stands as first answers; what the form has no place for is asked."""
    told = listed.history.answers(year=listed.day.year)
    if not told or case.answers:
        return case
    answered, _unreadable = service_draft.keep_readable(
        work, case_id=case.id, revision=case.revision, answers=told, question=None, rules=rules
    )
    return answered


def _find_draft(work: Work, patient_id: str) -> Case | None:
    drafts = (
        case
        for case in cases.list_of_patient(work, patient_id)
        if case.status is CaseStatus.DRAFT and case.service_type is SERVICE
    )
    return next(drafts, None)


def _patient_of(work: Work, line: LineReport, *, registration: PatientRules) -> PatientId:
    if line.patient_id is not None:
        return line.patient_id
    if line.form is None:
        raise LookupError("a line in order has its form")
    return patients.register_patient(work, form=line.form, rules=registration).id


def _require_listed(work: Work, patient_id: str) -> Listed:
    listed = find_listed(work, patient_id)
    if listed is None:
        raise NotListedError
    return listed


def _require_room(work: Work, more: int, rules: ListRules) -> None:
    place = work.actor.institution
    day = organisations.today_at(work, place)
    have = len(store.list_patient_ids(work.session, institution_id=place, day=day))
    if have + more > rules.most_listed:
        raise DayFullError(rules.most_listed)


def _left(work: Work, listed: Sequence[Listed]) -> list[Listed]:
    """Whose case was not begun, or is a draft still, and who does not stand on today's list."""
    is_open = (each for each in listed if each.case_id is None or _is_draft(work, each.case_id))
    return [each for each in is_open if find_listed(work, each.patient_id) is None]


def _is_draft(work: Work, case_id: CaseId) -> bool:
    return cases.get_own_case(work, case_id).status in service_draft.EDITABLE


def _add(
    work: Work,
    patient_id: PatientId,
    *,
    case_id: CaseId | None = None,
    history: ListedHistory = NOTHING_TOLD,
    carried_from: date | None = None,
) -> None:
    place = work.actor.institution
    day = organisations.today_at(work, place)
    listed = Listed(
        id=new_id(),
        day=day,
        position=store.last_position(work.session, institution_id=place, day=day) + 1,
        patient_id=patient_id,
        case_id=case_id,
        added_by_id=work.actor.person,
        added_at=work.now,
        history=history,
    )
    if store.save_listed(work.session, listed, institution_id=place):
        more = {} if carried_from is None else {"carried_from": carried_from.isoformat()}
        _journal(work, listed, "screening.listed", **more)


def _journal(work: Work, listed: Listed, kind: str, **more: Fact) -> None:
    codes: dict[str, Fact] = {
        "listed": listed.id,
        "day": listed.day.isoformat(),
        "position": listed.position,
    }
    work.journal(
        Entry(
            kind,
            ObjectType.PATIENT,
            listed.patient_id,
            codes={**codes, **more},
            patient_id=listed.patient_id,
        )
    )
