"""Locking an own reading, and seeing the opinion without one: always possible, never unsaid."""

from typing import Final

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case, CaseStatus
from consult.kernel.errors import RefusedError
from consult.kernel.ids import CaseId, InstitutionId
from consult.kernel.work import Work
from consult.reports import store as reports
from consult.reports.own import store, waiting
from consult.reports.own.content import eyes_as_json, hash_of
from consult.reports.own.errors import (
    NothingKeptBackError,
    NotRequestingPhysicianError,
    OwnReadingLockedError,
    OwnReadingOffError,
    OwnReadingUntimelyError,
)
from consult.reports.own.model import LONGEST_WORDS, OwnReading, Said, Wait, WaitEnd
from consult.reports.own.rules import OwnRules

_UNREAD: Final = frozenset(
    {
        *(CaseStatus.DRAFT, CaseStatus.REJECTED, CaseStatus.WITHDRAWN),
        *(CaseStatus.CANCELLED, CaseStatus.EXPIRED),
    }
)


def lock_reading(work: Work, *, case_id: str, said: Said, rules: OwnRules) -> OwnReading:
    """Lock the requesting physician's reading, which opens the opinion where one waits for it.

    Raises OwnReadingOffError, OwnReadingUntimelyError, OwnReadingLockedError,
    NotRequestingPhysicianError.
    """
    images.hold_case(work, case_id)  # a signature at this moment comes before or after it
    case = cases.get_own_case(work, case_id)
    require_writing(work, case, rules=rules)
    if said.right is None and said.left is None:
        raise RefusedError("field-missing", field="right")
    if len(said.words) > LONGEST_WORDS:
        raise RefusedError("field-too-long", field="words")
    versions = reports.list_of_case(work.session, case.id)
    reading = OwnReading(
        case_id=CaseId(case.id),
        author_id=work.actor.person,
        institution_id=InstitutionId(case.institution_id),
        said=said,
        was_blind=not any(waiting.is_open(work, case, each) for each in versions),
        locked_at=work.now,
    )
    if not store.add_reading(work.session, reading):
        raise OwnReadingLockedError(reading.case_id)
    codes = _codes(reading) | {"rules": f"{rules.name} {rules.version}"}
    waiting.tell(work, case, "own_reading.locked", codes=codes)
    if waiting.end_wait(work, case, how=WaitEnd.LOCKED):
        waiting.show_kept(work, case, versions)
    return reading


def see_without(work: Work, *, case_id: str, reason: str) -> None:
    """Show the opinion before an own reading, with a reason, which is counted.

    Anybody of the inviting side who reads reports may: no patient waits for a lesson. Raises
    NothingKeptBackError.
    """
    images.hold_case(work, case_id)
    case = cases.get_case(work, case_id)
    is_inviting = case.institution_id == work.actor.institution_id
    if not is_inviting or not waiting.end_wait(
        work, case, how=WaitEnd.SKIPPED, reason=reason.strip()
    ):
        raise NothingKeptBackError(CaseId(case.id))
    waiting.tell(work, case, "own_reading.skipped", codes={}, words={"reason": reason.strip()})
    waiting.show_kept(work, case, reports.list_of_case(work.session, case.id))


def find_reading(work: Work, case: Case) -> OwnReading | None:
    """The own reading of a case: for the inviting side, whose lesson it is."""
    if case.institution_id != work.actor.institution_id:
        return None
    return store.find_reading(work.session, case.id)


def find_wait(work: Work, case: Case) -> Wait | None:
    """The opinion that the inviting side is not shown yet, for nobody else to know of."""
    if case.institution_id != work.actor.institution_id:
        return None
    wait = store.find_wait(work.session, case.id)
    return None if wait is None or wait.ended_at is not None else wait


def may_write(work: Work, case: Case, *, rules: OwnRules) -> bool:
    """Whether the actor may lock a reading of this case now."""
    try:
        require_writing(work, case, rules=rules)
    except (OwnReadingOffError, OwnReadingUntimelyError, NotRequestingPhysicianError):
        return False
    return store.find_reading(work.session, case.id) is None


def require_writing(work: Work, case: Case, *, rules: OwnRules) -> None:
    """Raises what keeps the actor from reading this case for herself."""
    if not rules.is_on(case):
        raise OwnReadingOffError(CaseId(case.id))
    if case.submitted_at is None or case.status in _UNREAD:
        raise OwnReadingUntimelyError(CaseId(case.id))
    if case.requesting_physician_id != work.actor.practitioner_id:
        raise NotRequestingPhysicianError(CaseId(case.id))


def _codes(reading: OwnReading) -> dict[str, str | int | None]:
    """What the journal keeps: that it was locked, and a hash by which it is held to its words.

    A case's history is read by both sides, and the expert must not learn the finding from it.
    """
    digest = hash_of(eyes_as_json(reading.said), reading.said.words)
    return {"blind": int(reading.was_blind), "sha256": digest}
