"""Opening a foreign case in an emergency, and looking at it afterwards (ID-11).

What is opened can be read and nothing else: the grants count for reading requests alone. The door
has asked the password again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from consult.access import policy
from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.cases import service as cases
from consult.cases.events import case_ref, patient_ref
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.journal.model import Line
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import new_id
from consult.kernel.work import SYSTEM, Entry, Work
from consult.people.organisations import scope
from consult.people.practitioners.sign_in_rules import EmergencyRules
from consult.reports import service as reports
from consult.reports.emergencies import store
from consult.reports.emergencies.errors import (
    AlreadyReviewedError,
    NoSuchCaseError,
    NotNeededError,
    OwnEmergencyError,
    ReasonTooShortError,
)
from consult.reports.emergencies.model import Emergency
from consult.reports.emergencies.tables import EmergencyRow

_OPENED: Final = "emergency.opened"


def open_case(work: Work, *, number: str, reason: str, rules: EmergencyRules) -> str:
    """Open case, patient, images and reports to the actor for a while, and say which case it is."""
    if len(reason) < rules.shortest_reason:
        raise ReasonTooShortError(rules.shortest_reason)
    case_id = store.find_case_id(work, number)
    if case_id is None:
        raise NoSuchCaseError
    if policy.may_see(work.session, work.actor, case_ref(case_id), now=work.now):
        raise NotNeededError
    as_system = Work(work.session, SYSTEM, work.now, work.journal)
    case = cases.get_case(as_system, case_id)
    row = EmergencyRow(
        id=new_id(),
        case_id=case.id,
        institution_id=case.institution_id,
        practitioner_id=work.actor.person,
        acting_institution_id=work.actor.institution,
        reason=store.seal_reason(work, reason),
        opened_at=work.now,
        until=work.now + rules.lasts,
    )
    store.save_emergency(work, row)
    _grant(work, as_system, case, row)
    work.journal(
        Entry(
            _OPENED,
            ObjectType.CASE,
            case.id,
            codes={"emergency": row.id, "until": row.until.isoformat()},
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
    return case.id


def record_miss(work: Work, *, number: str, reason: str) -> None:
    """Write down that somebody asked for a case that is not there; what she typed is sealed."""
    tried = work.vault.blind(number, purpose="emergency number")
    sealed = store.seal_reason(work, f"{number}\n{reason}").hex()
    work.journal(Entry("emergency.missed", ObjectType.CASE, tried, words={"sealed": sealed}))


def with_reasons(work: Work, lines: Sequence[Line]) -> list[Line]:
    """A case's lines; openings with their reasons, which lie sealed in their own table.

    A reason may name the patient, so whoever needs no names is not shown it (U28).
    """
    if not work.actor.sees_names:
        return list(lines)
    wanted = {str(line.codes["emergency"]) for line in lines if line.kind == _OPENED}
    reasons = store.reasons_of(work, wanted)
    return [_with_reason(line, reasons) for line in lines]


def list_mine(work: Work) -> list[Emergency]:
    """What is open to the actor now."""
    return store.list_live(work, work.actor.person)


def list_for_review(work: Work) -> list[Emergency]:
    """Openings of the cases of institutions within the administrator's reach."""
    return store.list_of_institutions(work, scope.visible(work, ObjectType.INSTITUTION))


def review(work: Work, *, emergency_id: str, verdict: str) -> None:
    """An administrator of the case's institution has looked at it."""
    institution_id = store.find_institution(work, emergency_id)
    if institution_id is None:
        raise NotFoundError
    scope.require(work, ObjectType.INSTITUTION, institution_id)
    if store.find_opener(work, emergency_id) == work.actor.person:
        raise OwnEmergencyError
    by = work.actor.person
    if not store.save_review(work, emergency_id, by=by, verdict=verdict, at=work.now):
        raise AlreadyReviewedError
    work.journal(
        Entry(
            "emergency.reviewed",
            ObjectType.INSTITUTION,
            institution_id,
            codes={"emergency": emergency_id, "verdict": verdict},
        )
    )


def _with_reason(line: Line, reasons: Mapping[str, str]) -> Line:
    reason = reasons.get(str(line.codes.get("emergency"))) if line.kind == _OPENED else None
    return line if reason is None else replace(line, words={**line.words, "reason": reason})


def _grant(work: Work, as_system: Work, case: Case, row: EmergencyRow) -> None:
    studies = [Ref(ObjectType.STUDY, each) for each in images.studies_of(work, case.id)]
    signed = [reports.report_ref(each.id) for each in reports.list_reports(as_system, case.id)]
    panel = [] if case.panel_id is None else [Ref(ObjectType.PANEL, case.panel_id)]
    for ref in (case_ref(case.id), patient_ref(case.patient_id), *panel, *studies, *signed):
        access.grant(
            work,
            ref,
            to=(Party.EMERGENCY, work.actor.person),
            why=f"emergency:{row.id}",
            until=row.until,
        )
