"""Leave of experts: entered, taken back, and read by whoever gives them work."""

from collections.abc import Collection
from datetime import date

from consult.access.model import ObjectType
from consult.journal.rows import kept
from consult.kernel.errors import Fact, NotFoundError, RefusedError
from consult.kernel.ids import InstitutionId, PractitionerId, new_id
from consult.kernel.work import Entry, Role, Work
from consult.people.duty import store
from consult.people.duty.model import Leave
from consult.people.duty.tables import LeaveRow
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations


def list_leaves(work: Work, experts: Collection[PractitionerId], *, on: date) -> list[Leave]:
    """When these experts are away from about this day on, from wherever they work."""
    return store.list_leaves(work.session, experts, on=on)


def list_away(work: Work) -> list[Leave]:
    """Every leave that has begun and is not over where it was taken (for a clock's step)."""
    found = store.list_begun(work.session, on=work.now.date())
    return [each for each in found if has_begun(work, each)]


def has_begun(work: Work, leave: Leave) -> bool:
    """Whether the expert is away on the present day of the institution."""
    return leave.covers(organisations.today_at(work, leave.institution_id))


def away_today(
    work: Work, people: Collection[PractitionerId], *, institution_id: InstitutionId
) -> frozenset[PractitionerId]:
    """Which of these people are on leave from this institution on its present day."""
    today = organisations.today_at(work, institution_id)
    return frozenset(
        leave.expert_id
        for leave in list_leaves(work, people, on=today)
        if leave.institution_id == institution_id and leave.covers(today)
    )


def find_present(
    work: Work, person: PractitionerId, *, institution_id: InstitutionId
) -> Leave | None:
    """The leave on which this person is today; None while she is there."""
    today = organisations.today_at(work, institution_id)
    return next(
        (
            leave
            for leave in list_leaves(work, [person], on=today)
            if leave.institution_id == institution_id and leave.covers(today)
        ),
        None,
    )


def add_leave(
    work: Work,
    *,
    expert_id: PractitionerId,
    day_from: date,
    day_until: date,
    substitute_id: str | None,
) -> Leave:
    """Write a leave from the acting institution, which the caller has checked.

    Raises RefusedError for a substitute who is no other expert of the institution.
    """
    _require_substitute(work, expert_id, substitute_id)
    row = LeaveRow(
        id=new_id(),
        expert_id=expert_id,
        institution_id=work.actor.institution,
        day_from=day_from,
        day_until=day_until,
        added_at=work.now,
        substitute_id=substitute_id,
    )
    store.save_leave(work.session, row)
    _journal(
        work,
        "video_leave.added",
        expert_id,
        leave=row.id,
        day_from=day_from.isoformat(),
        day_until=day_until.isoformat(),
        substitute=substitute_id,
        **kept(work, LeaveRow, row.id),
    )
    return get_leave(work, row.id)


def get_leave(work: Work, leave_id: str) -> Leave:
    """A leave from the acting institution that was not taken back; raises NotFoundError."""
    leave = store.find_leave(work.session, leave_id)
    if leave is None or leave.institution_id != work.actor.institution:
        raise NotFoundError
    return leave


def end_leave(work: Work, leave: Leave) -> None:
    """Take a leave back."""
    store.end_leave(work.session, leave.id, at=work.now)
    told = kept(work, LeaveRow, leave.id)
    _journal(work, "video_leave.ended", leave.expert_id, leave=leave.id, **told)


def _require_substitute(work: Work, expert_id: str, substitute_id: str | None) -> None:
    if substitute_id is None:
        return
    is_here = affiliations.holds_role(
        work,
        practitioner_id=substitute_id,
        institution_id=work.actor.institution,
        role=Role.EXPERT,
    )
    if not is_here or substitute_id == expert_id:
        raise RefusedError("field-not-a-choice", field="substitute_id")


def _journal(work: Work, kind: str, expert_id: str, **codes: Fact) -> None:
    work.journal(Entry(kind, ObjectType.PRACTITIONER, expert_id, codes=codes))
