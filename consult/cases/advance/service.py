"""Submitting before the upload is whole: asked by a physician, done by the clock (U11)."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from consult.cases import service as cases
from consult.cases import service_submit
from consult.cases import store as case_store
from consult.cases.advance import store
from consult.cases.advance.model import Advance, Outlook, waits_for_files, why_ended
from consult.cases.errors import SubmitterNotPhysicianError
from consult.cases.events import case_entry
from consult.cases.images import service as images
from consult.cases.model import Case, CaseStatus, require_step
from consult.cases.rules import CaseRules
from consult.cases.service_draft import EDITABLE, save_answers
from consult.kernel.errors import FormRefusedError
from consult.kernel.work import Actor, Role, Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners

AT_ONCE: Final = 20
FILES_LATE: Final = "case.files_late"


def submit_when_whole(work: Work, *, case_id: str, revision: int, rules: CaseRules) -> Case:
    """Submit the case now, or, while its files are on their way, as soon as it is whole.

    Raises FormRefusedError where something is missing that no file brings.
    """
    case = cases.get_own_case(work, case_id)
    if Role.REQUESTING_PHYSICIAN not in work.actor.roles:
        raise SubmitterNotPhysicianError
    require_step(case.id, have=case.status, want=CaseStatus.SUBMITTED)
    cases.require_revision(case, revision)
    practitioners.require_licensed(work, organisations.today_at(work, case.institution_id))
    problems = service_submit.check_readiness(work, case, rules=rules).problems
    if not problems:
        return service_submit.submit_case(work, case_id=case_id, revision=revision, rules=rules)
    if not waits_for_files(problems):
        raise FormRefusedError(problems)
    asked = Advance(
        case_id=case.id,
        institution_id=case.institution_id,
        practitioner_id=work.actor.person,
        session_id=work.actor.session_id,
        revision=case.revision,
        asked_at=work.now,
    )
    store.save_advance(work.session, asked)
    work.journal(case_entry(case, "case.submission_asked", codes={"revision": revision}))
    return case


def submit_answers_when_whole(
    work: Work,
    *,
    case_id: str,
    revision: int,
    answers: Mapping[str, object],
    question: str | None,
    rules: CaseRules,
) -> Case:
    """Keep the answers that are on the page, and submit as soon as the case is whole."""
    saved = save_answers(
        work, case_id=case_id, revision=revision, answers=answers, question=question, rules=rules
    )
    return submit_when_whole(work, case_id=case_id, revision=saved.revision, rules=rules)


def call_off(work: Work, *, case_id: str) -> Case:
    """The case stays a draft after all; where nothing was asked it is one already."""
    case = cases.get_own_case(work, case_id)
    if store.delete_advance(work.session, case.id):
        work.journal(case_entry(case, "case.submission_dropped", codes={"why": "called-off"}))
    return case


def asked_of(work: Work, case_ids: Collection[str]) -> frozenset[str]:
    """Which of these cases, that policy has let through, go by themselves."""
    return store.list_asked(work.session, case_ids)


def list_arrived(work: Work, *, after: str = "") -> list[Advance]:
    """What no file is on its way to any more, `AT_ONCE` at a time; for the clock."""
    return store.list_arrived(work.session, after=after, limit=AT_ONCE)


def find_submitter(work: Work, asked: Advance) -> Actor | None:
    """Who asked, as far as she may still submit there today."""
    for place in affiliations.list_holding(work, asked.practitioner_id):
        is_there = place.institution_id == asked.institution_id
        if is_there and Role.REQUESTING_PHYSICIAN in place.roles:
            return Actor(
                practitioner_id=asked.practitioner_id,
                institution_id=asked.institution_id,
                affiliation_id=place.id,
                roles=place.roles,
                consortium_ids=organisations.consortia_of(work, place.institution_id),
                session_id=asked.session_id,
            )
    return None


def judge(work: Work, asked: Advance, *, rules: CaseRules) -> Outlook:
    """What becomes of it now that its files are there; nothing is held by asking."""
    case = case_store.find_case(work, asked.case_id)
    if case is None or case.status not in EDITABLE or case.revision != asked.revision:
        return Outlook(is_due=True)
    found = images.get_set(work, case.id, protocol=rules.protocol_of(case.service_type))
    problems = service_submit.look_over(work, case, found, rules=rules).problems
    if not problems or found.running:
        return Outlook(is_due=not problems)
    unplaced = sum(each.needs_confirming and not each.proposal.is_whole for each in found.images)
    return Outlook(is_due=False, why=why_ended(problems, unplaced=unplaced))


def end_stuck(work: Work, asked: Advance, *, why: str) -> None:
    """End what can never go by itself, unless a file is on its way again; it stays a draft."""
    images.hold_case(work, asked.case_id)
    if not store.is_coming(work.session, asked.case_id):
        give_up(work, asked, why=why)


def settle(work: Work, asked: Advance, *, rules: CaseRules) -> Case | None:
    """Submit the case as the physician who asked; a draft that was changed since stays one."""
    if not store.delete_advance(work.session, asked.case_id):
        return None
    case = cases.get_own_case(work, asked.case_id)
    if case.status not in EDITABLE:
        return None
    if case.revision != asked.revision:
        _drop(work, case, asked, why="changed")
        return None
    return service_submit.submit_case(work, case_id=case.id, revision=asked.revision, rules=rules)


def tell_late(work: Work, *, late: timedelta) -> int:
    """Write down which cases have waited so long for a file; whoever sent them is told (clock)."""
    found = store.list_late(work.session, before=work.now - late, limit=AT_ONCE)
    for asked, sender in found:
        case = case_store.find_case(work, asked.case_id)
        if case is not None and store.save_told(work.session, case.id, at=work.now):
            codes = {"submitter": asked.practitioner_id, "sender": sender}
            work.journal(case_entry(case, FILES_LATE, codes=codes))
    return len(found)


def give_up(work: Work, asked: Advance, *, why: str) -> None:
    """What was asked cannot be done any more; `why` is the code of the refusal."""
    case = case_store.find_case(work, asked.case_id)
    if store.delete_advance(work.session, asked.case_id) and case is not None:
        _drop(work, case, asked, why=why)


def _drop(work: Work, case: Case, asked: Advance, *, why: str) -> None:
    """Journal that a case does not go by itself after all, for whoever had asked for it."""
    codes = {"why": why, "to": asked.practitioner_id}
    work.journal(case_entry(case, "case.submission_dropped", codes=codes))
