"""Writing down that a case was consulted on by telephone, and what is known of it."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from consult.access.model import ObjectType
from consult.cases.model import Case, is_open
from consult.journal.rows import kept
from consult.kernel.errors import RefusedError
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.rooms.rights import Talks, may_call, require_caller
from consult.rooms.ringing.order import list_far_side
from consult.rooms.telephone import store
from consult.rooms.telephone.errors import TelephoneFullError
from consult.rooms.telephone.model import Spoken, TelephoneConsult
from consult.rooms.telephone.tables import TelephoneRow

_A_MINUTE: Final = timedelta(minutes=1)  # a clock on a form tells no seconds


def keep_consult(work: Work, *, case_id: str, spoken: Spoken, talks: Talks) -> str:
    """Keep a telephone call as a consultation of its case, by whoever may call on it; its id.

    Raises NotCallerError, RoomCaseClosedError, RefusedError, TelephoneFullError.
    """
    case = require_caller(work, case_id, talks=talks)
    _require_person(work, case, spoken)
    row = TelephoneRow(
        id=new_id(),
        case_id=case.id,
        author_id=work.actor.person,
        institution_id=work.actor.institution,
        why=spoken.why,
        with_id=spoken.with_id or None,
        with_name=spoken.with_name,
        spoken_at=_moment(work, case, spoken),
        result=spoken.result,
        written_at=work.now,
    )
    if not store.save_consult(work.session, row):
        raise TelephoneFullError(case.id)
    told = {
        "telephone": row.id,
        "why": spoken.why.value,
        "at": row.spoken_at.isoformat(),
        "sha256": sha256(spoken.result.encode()).hexdigest(),
        **({"person": spoken.with_id} if spoken.with_id else {}),
        **kept(work, TelephoneRow, row.id),
    }
    kind, about = "room.telephoned", ObjectType.CASE
    work.journal(
        Entry(kind, about, case.id, codes=told, case_id=case.id, patient_id=case.patient_id)
    )
    return row.id


def may_keep(work: Work, case: Case) -> bool:
    """Whether the actor may write one down now; that she may know of it is the caller's to ask."""
    return is_open(case.status) and may_call(work, case)


def list_consults(work: Work, case: Case) -> list[TelephoneConsult]:
    """Those of a case, the last that were written first; policy is the caller's to ask."""
    return store.list_of_case(work.session, case.id)


def list_people(work: Work, case: Case) -> list[PractitionerId]:
    """With whom of the other side the actor may have talked."""
    return list_far_side(work, case)


def _require_person(work: Work, case: Case, spoken: Spoken) -> None:
    """One person: of the other side, or by her name."""
    if bool(spoken.with_id) == bool(spoken.with_name):
        raise RefusedError("telephone-one-person", field="with_name")
    if spoken.with_id and spoken.with_id not in list_far_side(work, case):
        raise RefusedError("field-not-a-choice", field="with_id")


def _moment(work: Work, case: Case, spoken: Spoken) -> datetime:
    """When it was, by the clock of the writer's institution: after the submission, and not yet."""
    place = organisations.get_institution(work, work.actor.institution)
    at = datetime.combine(spoken.day, spoken.clock, ZoneInfo(place.zone)).astimezone(UTC)
    if at > work.now:
        raise RefusedError("telephone-not-yet", field="clock")
    if case.submitted_at is not None and at < case.submitted_at - _A_MINUTE:
        raise RefusedError("telephone-too-early", field="day")
    return at
