"""A side of a case holds its recordings back from deletion, until that side lets them go."""

import enum
from dataclasses import dataclass
from datetime import datetime

from consult.access.model import ObjectType
from consult.cases.model import Case
from consult.journal.rows import kept
from consult.kernel.ids import InstitutionId, new_id
from consult.kernel.work import Entry, Work
from consult.rooms.recordings import holds_store
from consult.rooms.recordings.errors import HoldNotYoursError, HoldStandsError
from consult.rooms.recordings.holds_table import HoldRow
from consult.rooms.rights import Talks, require_side


class HoldReason(enum.StrEnum):
    """Why recordings must not go, whatever their period."""

    DISPUTE = "dispute"
    COMPLAINT = "complaint"
    PROCEEDING = "proceeding"
    INSPECTION = "inspection"
    PATIENT_WISH = "patient_wish"


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that stands: whose, since when, and why."""

    id: str
    institution_id: InstitutionId
    reason: HoldReason
    held_at: datetime


def hold_recordings(work: Work, *, case_id: str, reason: HoldReason, talks: Talks) -> None:
    """Hold them back for the actor's institution; raises HoldStandsError, and NotFoundError."""
    case = require_side(work, case_id, talks=talks)
    row = HoldRow(
        id=new_id(),
        case_id=case.id,
        live_key=_key(work, case),
        institution_id=work.actor.institution,
        reason=reason.value,
        held_by_id=work.actor.person,
        held_at=work.now,
        lifted_by_id=None,
        lifted_at=None,
    )
    if not holds_store.save_hold(work.session, row):
        raise HoldStandsError(case.id)
    _tell(work, case, "held", row.id, reason=reason.value)


def let_go(work: Work, *, case_id: str, talks: Talks) -> None:
    """Lift the hold of the actor's institution; raises HoldNotYoursError, and NotFoundError."""
    case = require_side(work, case_id, talks=talks)
    hold_id = holds_store.lift(work.session, _key(work, case), by_id=work.actor.person, at=work.now)
    if hold_id is None:
        raise HoldNotYoursError(case.id)
    _tell(work, case, "let_go", hold_id)


def list_holds(work: Work, case: Case) -> list[Hold]:
    """The holds that stand; policy is the caller's to ask."""
    return [
        Hold(row.id, InstitutionId(row.institution_id), HoldReason(row.reason), row.held_at)
        for row in holds_store.list_live(work.session, case.id)
    ]


def _key(work: Work, case: Case) -> str:
    return f"{case.id}/{work.actor.institution}"


def _tell(work: Work, case: Case, word: str, hold_id: str, **codes: str) -> None:
    told = {"hold": hold_id, **codes, **kept(work, HoldRow, hold_id)}
    work.journal(
        Entry(
            f"recordings.{word}",
            ObjectType.CASE,
            case.id,
            codes=told,
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
