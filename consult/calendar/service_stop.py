"""A clinic that does not take place (停诊): its slots are nobody's any more."""

from collections.abc import Collection, Sequence

from consult.access.model import ObjectType
from consult.calendar import slot_store
from consult.calendar.clinics import Clinic, Slot, Stop
from consult.calendar.model import SlotStatus, require_slot_step
from consult.calendar.service_publish import MOST_WITHDRAWN
from consult.calendar.tables import SlotRow
from consult.calendar.timetable import Span, half_bounds
from consult.journal.rows import kept
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations

MOST_OF_A_DAY = 2000


def span_of(work: Work, clinic: Clinic, stop: Stop) -> Span:
    """The time that is stopped; of slots by their ids, all that is to come."""
    place = organisations.get_institution(work, clinic.institution_id)
    today = place.local_day(work.now)
    day = today if stop.day is None else stop.day
    if day < today:
        raise RefusedError("day-is-past", field="day")
    return half_bounds(day, stop.half, zone=place.zone)


def lock_slots(work: Work, clinic: Clinic, stop: Stop) -> list[Slot]:
    """The slots that are to be stopped, kept still until the unit ends (own clinics only)."""
    if (stop.day is None) == (not stop.slot_ids):
        raise RefusedError("field-missing", field="day")
    if len(stop.slot_ids) > MOST_WITHDRAWN:
        raise RefusedError("too-many-slots", field="slot_ids", limit=MOST_WITHDRAWN)
    since, until = span_of(work, clinic, stop)
    by_id = stop.slot_ids if stop.day is None else None
    found = slot_store.lock_slots(
        work.session,
        slot_store.of_clinic(clinic.id, slot_ids=by_id, since=since, until=until),
        limit=MOST_OF_A_DAY,
    )
    if by_id is not None and len(found) != len(set(by_id)):
        raise NotFoundError
    if by_id is not None and any(slot.starts_at < since for slot in found):
        raise RefusedError("day-is-past", field="slot_ids")
    return found


def stop_slots(
    work: Work, clinic: Clinic, slots: Sequence[Slot], *, requeued: Collection[str], reason: str
) -> None:
    """Stop slots that were locked; `requeued` are the appointments that lose their time by it."""
    for slot in slots:
        require_slot_step(slot.id, have=slot.status, want=SlotStatus.STOPPED)
    slot_store.save_stop(work.session, [slot.id for slot in slots])
    work.journal(
        Entry(
            "slots.stopped",
            ObjectType.CLINIC,
            clinic.id,
            codes={
                "count": len(slots),
                "slots": " ".join(slot.id for slot in slots),
                "holds": sum(slot.status is SlotStatus.HELD for slot in slots),
                "requeued": len(requeued),
                **kept(work, SlotRow, *(slot.id for slot in slots)),
            },
            words={"reason": reason},
        )
    )
