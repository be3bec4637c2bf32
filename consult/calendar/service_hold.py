"""Holding a slot for a patient, giving it back, booking it: one winner a slot, one hold a case."""

from collections.abc import Sequence

from consult.access.model import ObjectType
from consult.calendar import service as calendar
from consult.calendar import slot_store
from consult.calendar.clinics import Clinic, HoldLimits, Slot
from consult.calendar.errors import (
    CaseNotBookableError,
    ClinicByRequestError,
    HoldOverError,
    SlotTakenError,
)
from consult.calendar.model import SlotStatus, require_slot_step
from consult.calendar.tables import SlotRow
from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.journal.rows import kept
from consult.kernel.errors import Fact, NotFoundError, RefusedError
from consult.kernel.work import Entry, Work

MOST_WANTED = 50
EXPIRED_AT_ONCE = 100
BOOKABLE = frozenset({CaseStatus.ACKNOWLEDGED, CaseStatus.REFERRING})


def hold_slot(work: Work, *, slot_id: str, case_id: str, limits: HoldLimits) -> Slot:
    """Keep a slot for a case; what the case held before is free again.

    Raises SlotTakenError where somebody was first; then the case keeps what it had.
    """
    return hold_any(work, slot_ids=[slot_id], case_id=case_id, limits=limits)


def hold_any(work: Work, *, slot_ids: Sequence[str], case_id: str, limits: HoldLimits) -> Slot:
    """Keep the first of these slots that can be had; asking again for one's own changes nothing."""
    return hold_for(work, cases.get_case(work, case_id), slot_ids=slot_ids, limits=limits)


def hold_for(work: Work, case: Case, *, slot_ids: Sequence[str], limits: HoldLimits) -> Slot:
    """As `hold_any`, for a case that the caller was let act on."""
    if not 0 < len(slot_ids) <= MOST_WANTED:
        raise RefusedError("too-many-slots", field="slot_ids", limit=MOST_WANTED)
    wanted = [_get_slot(work, slot_id) for slot_id in slot_ids]
    if len({slot.clinic_id for slot in wanted}) > 1:
        raise NotFoundError
    _require_bookable(work, case, wanted[0])
    _require_pool(work, wanted[0])
    before = slot_store.find_held(work.session, case.id)
    if before is not None:
        if before.id in set(slot_ids) and before.is_held_for(case.id, now=work.now):
            return before
        _free(work, case, before)
    until = work.now + limits.hold
    for slot in wanted:
        if slot_store.save_hold(work.session, slot.id, case_id=case.id, until=until, now=work.now):
            _journal(work, case.id, slot, "slot.held", until=until.isoformat())
            return get_slot(work, slot.id)
    raise SlotTakenError(wanted[-1].id)


def release_hold(work: Work, *, case_id: str) -> bool:
    """Give back what the case holds; False where it holds nothing."""
    return release_for(work, cases.get_case(work, case_id))


def release_for(work: Work, case: Case) -> bool:
    """As `release_hold`, for a case that the caller was let act on."""
    held = slot_store.find_held(work.session, case.id)
    if held is None:
        return False
    _require_bookable(work, case, held)
    return _free(work, case, held)


def drop_hold(work: Work, case: Case) -> None:
    """Whatever the case holds is free: its referral has ended."""
    held = slot_store.find_held(work.session, case.id)
    if held is not None:
        _free(work, case, held)


def find_hold(work: Work, case: Case) -> Slot | None:
    """What is kept for a case at this moment."""
    held = slot_store.find_held(work.session, case.id)
    return held if held is not None and held.is_held_for(case.id, now=work.now) else None


def expire_holds(work: Work) -> int:
    """Free the slots whose time of keeping has run out (a clock's step); says how many."""
    freed = 0
    for slot in slot_store.list_over(work.session, now=work.now, limit=EXPIRED_AT_ONCE):
        if slot.held_case_id is None:
            continue
        case = cases.get_case(work, slot.held_case_id)
        if slot_store.save_expiry(work.session, slot.id, now=work.now):
            _journal(work, case.id, slot, "slot.hold_expired")
            freed += 1
    return freed


def book_held(work: Work, case: Case, *, slot_id: str) -> Slot:
    """Turn the hold of a case into a booking; raises HoldOverError where there is none any more."""
    slot = get_slot(work, slot_id)
    _require_bookable(work, case, slot)
    if not slot_store.save_booking(work.session, slot.id, case_id=case.id, now=work.now):
        raise HoldOverError(slot.id)
    _journal(work, case.id, slot, "slot.booked")
    return get_slot(work, slot_id)


def free_booked(work: Work, *, case_id: str, slot_id: str) -> None:
    """A cancelled appointment gives its slot back; one that has begun helps nobody else."""
    slot = slot_store.find_slot(work.session, slot_id)
    if slot is None:
        raise NotFoundError
    require_slot_step(slot.id, have=slot.status, want=SlotStatus.FREE)
    slot_store.save_status(work.session, slot.id, have=SlotStatus.BOOKED, want=SlotStatus.FREE)
    _journal(work, case_id, slot, "slot.freed")


def get_slot(work: Work, slot_id: str) -> Slot:
    """A slot of a clinic that the actor may see; raises NotFoundError otherwise."""
    slot = _get_slot(work, slot_id)
    calendar.get_clinic(work, slot.clinic_id)
    return slot


def _get_slot(work: Work, slot_id: str) -> Slot:
    slot = slot_store.find_slot(work.session, slot_id)
    if slot is None:
        raise NotFoundError
    return slot


def _require_bookable(work: Work, case: Case, slot: Slot) -> None:
    """For the case's own institution, or for the clinic's while the patient is referred to it.

    Raises CaseNotBookableError before the decision and after the end.
    """
    clinic = calendar.get_clinic(work, slot.clinic_id)
    if work.actor.institution_id != case.institution_id and not _is_host(work, case, clinic):
        raise NotFoundError
    if case.status not in BOOKABLE or case.decided_at is None:
        raise CaseNotBookableError(case.id, case.status)


def _require_pool(work: Work, slot: Slot) -> None:
    clinic = calendar.get_clinic(work, slot.clinic_id)
    if clinic.is_by_request:
        raise ClinicByRequestError(clinic.id)


def _is_host(work: Work, case: Case, clinic: Clinic) -> bool:
    mine = clinic.institution_id == work.actor.institution_id
    return mine and case.status is CaseStatus.REFERRING


def _free(work: Work, case: Case, slot: Slot) -> bool:
    if not slot_store.save_release(work.session, slot.id, case_id=case.id):
        return False
    _journal(work, case.id, slot, "slot.released")
    return True


def _journal(work: Work, case_id: str, slot: Slot, kind: str, **codes: Fact) -> None:
    """A line about the clinic alone: every doctor who may book there hears it, none learns whom."""
    work.journal(
        Entry(
            kind,
            ObjectType.CLINIC,
            slot.clinic_id,
            codes={
                "slot": slot.id,
                "case": case_id,
                "starts_at": slot.starts_at.isoformat(),
                **codes,
                **kept(work, SlotRow, slot.id),
            },
        )
    )
