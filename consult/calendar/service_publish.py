"""The slot pool: publishing times, and taking back what nobody has."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from consult.access.model import ObjectType
from consult.calendar import service as calendar
from consult.calendar import slot_store, store
from consult.calendar.clinics import Clinic, Publication, Slot, SlotRules
from consult.calendar.errors import (
    ClinicByRequestError,
    PhysicianNotHereError,
    SlotsOverlapError,
    SlotsOverSessionError,
)
from consult.calendar.model import SlotStatus
from consult.calendar.tables import SlotRow
from consult.calendar.timetable import Span, day_bounds, half_of_day, make_timetable
from consult.calendar.video import store as sessions
from consult.calendar.video.model import overlaps
from consult.journal.rows import kept
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Role, Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners

MOST_WITHDRAWN = 200


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """How many slots were stopped, and how many stay because somebody has them."""

    stopped: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Physician:
    id: str | None
    name: str

    @property
    def key(self) -> str:
        return self.id or self.name


def publish_slots(
    work: Work, *, clinic_id: str, publication: Publication, rules: SlotRules
) -> list[Slot]:
    """Offer slots at these times; those taken back before are offered again.

    Raises FormRefusedError for the form, SlotsOverlapError where a slot is published already,
    SlotsOverSessionError where the physician has a video session.
    """
    clinic = calendar.share_clinic(work, calendar.get_own_clinic(work, clinic_id))
    if clinic.is_by_request:
        raise ClinicByRequestError(clinic.id)
    zone = organisations.get_institution(work, clinic.institution_id).zone
    physician = _physician(work, clinic, publication)
    wanted = make_timetable(publication, zone=zone, now=work.now, rules=rules)
    everywhere = _of_physician(work, clinic, physician, wanted=wanted, zone=zone)
    clash = _first_clash(wanted, everywhere)
    if clash is not None:
        raise SlotsOverlapError(clash, day=half_of_day(clash, zone=zone)[0])
    _require_no_session(work, physician, wanted=wanted, zone=zone)
    known = [slot for slot in everywhere if slot.clinic_id == clinic.id]
    published = _save(work, clinic, physician, wanted=wanted, known=known, zone=zone)
    work.journal(
        Entry(
            "slots.published",
            ObjectType.CLINIC,
            clinic.id,
            codes={
                "count": len(wanted),
                "first": wanted[0][0].isoformat(),
                "last": wanted[-1][0].isoformat(),
                "minutes": publication.minutes,
                "physician": physician.id,
                "rules": rules.version,
                **kept(work, SlotRow, *published),
            },
            words={"physician": physician.name},
        )
    )
    return slot_store.list_of_physician(
        work.session,
        clinic_ids=[clinic.id],
        physician_key=physician.key,
        since=wanted[0][0],
        until=wanted[-1][1],
    )


def withdraw_slots(work: Work, *, clinic_id: str, slot_ids: Sequence[str]) -> Withdrawn:
    """Take back slots that nobody has; held and booked ones stay."""
    clinic = calendar.get_own_clinic(work, clinic_id)
    if not 0 < len(slot_ids) <= MOST_WITHDRAWN:
        raise RefusedError("too-many-slots", field="slot_ids", limit=MOST_WITHDRAWN)
    stopped = [slot_id for slot_id in dict.fromkeys(slot_ids) if _stop(work, clinic, slot_id)]
    if stopped:
        work.journal(
            Entry(
                "slots.stopped",
                ObjectType.CLINIC,
                clinic.id,
                codes={
                    "count": len(stopped),
                    "slots": " ".join(stopped),
                    **kept(work, SlotRow, *stopped),
                },
            )
        )
    return Withdrawn(len(stopped), len(set(slot_ids)) - len(stopped))


def _physician(work: Work, clinic: Clinic, publication: Publication) -> _Physician:
    if publication.physician_id is None:
        name = " ".join(unicodedata.normalize("NFC", publication.physician_name).split())
        return _Physician(None, name)
    is_here = affiliations.holds_role(
        work,
        practitioner_id=publication.physician_id,
        institution_id=clinic.institution_id,
        role=Role.EXPERT,
    )
    if not is_here:
        raise PhysicianNotHereError
    person = practitioners.get_practitioner(work, publication.physician_id)
    return _Physician(person.id, person.name)


def _stop(work: Work, clinic: Clinic, slot_id: str) -> bool:
    slot = slot_store.find_slot(work.session, slot_id)
    if slot is None or slot.clinic_id != clinic.id:
        raise NotFoundError
    slot_store.save_expiry(work.session, slot.id, now=work.now)
    return slot_store.save_status(
        work.session, slot.id, have=SlotStatus.FREE, want=SlotStatus.STOPPED
    )


def _of_physician(
    work: Work, clinic: Clinic, physician: _Physician, *, wanted: Sequence[Span], zone: str
) -> list[Slot]:
    """The physician's slots of these days, at every clinic of the hospital: nobody is twice there.

    Where no physician is named, each clinic has its own timetable.
    """
    clinic_ids = store.lock_clinics(work.session, clinic.institution_id)
    since, until = _whole_days(wanted, zone=zone)
    return slot_store.list_of_physician(
        work.session,
        clinic_ids=clinic_ids if physician.key else [clinic.id],
        physician_key=physician.key,
        since=since,
        until=until,
    )


def _whole_days(wanted: Sequence[Span], *, zone: str) -> Span:
    """So wide that every half-day touched is seen whole."""
    first, last = half_of_day(wanted[0][0], zone=zone)[0], half_of_day(wanted[-1][1], zone=zone)[0]
    return day_bounds(first, days=(last - first).days + 1, zone=zone)


def _require_no_session(
    work: Work, physician: _Physician, *, wanted: Sequence[Span], zone: str
) -> None:
    """Raise SlotsOverSessionError where a time lies upon a video session of the physician's."""
    if physician.id is None:
        return
    practitioners.hold_diary(work, physician.id)
    since, until = wanted[0][0], wanted[-1][1]
    found = sessions.busy_times(work.session, people=[physician.id], since=since, until=until)
    busy = found.get(physician.id, ())
    for starts_at, ends_at in wanted:
        if overlaps(busy, starts_at, ends_at):
            day = half_of_day(starts_at, zone=zone)[0]
            raise SlotsOverSessionError(starts_at, day=day)


def _first_clash(wanted: Sequence[Span], taken: Sequence[Slot]) -> datetime | None:
    """The first wanted time that lies upon a slot that is not taken back; both are in order."""
    waiting = iter([slot for slot in taken if slot.status is not SlotStatus.STOPPED])
    slot = next(waiting, None)
    for starts_at, ends_at in wanted:
        while slot is not None and slot.ends_at <= starts_at:
            slot = next(waiting, None)
        if slot is not None and slot.starts_at < ends_at:
            return starts_at
    return None


def _save(
    work: Work,
    clinic: Clinic,
    physician: _Physician,
    *,
    wanted: Sequence[Span],
    known: Sequence[Slot],
    zone: str,
) -> list[str]:
    """Write what is not there yet and revive what was stopped; the ids of all of them."""
    stopped = {slot.starts_at: slot for slot in known if slot.status is SlotStatus.STOPPED}
    turns: Counter[tuple[date, bool]] = Counter()
    for slot in known:
        half = half_of_day(slot.starts_at, zone=zone)
        turns[half] = max(turns[half], slot.turn)
    rows, revived = [], []
    for starts_at, ends_at in wanted:
        if starts_at in stopped:
            slot_store.save_revival(work.session, stopped[starts_at].id, ends_at=ends_at)
            revived.append(stopped[starts_at].id)
            continue
        half = half_of_day(starts_at, zone=zone)
        turns[half] += 1
        rows.append(_row(clinic, physician, starts_at, ends_at, turn=turns[half]))
    slot_store.save_slots(work.session, rows)
    return [*revived, *(row.id for row in rows)]


def _row(
    clinic: Clinic, physician: _Physician, starts_at: datetime, ends_at: datetime, *, turn: int
) -> SlotRow:
    return SlotRow(
        id=new_id(),
        clinic_id=clinic.id,
        physician_key=physician.key,
        physician_id=physician.id,
        physician_name=physician.name,
        starts_at=starts_at,
        ends_at=ends_at,
        turn=turn,
        status=SlotStatus.FREE,
    )
