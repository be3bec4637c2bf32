"""Knocking, coming in and measuring, for whoever may: members of the case and guests alike."""

from dataclasses import dataclass

from consult.cases.model import Case
from consult.kernel.ids import InstitutionId, PractitionerId, new_id
from consult.kernel.work import Work
from consult.rooms import endings, stay_store, store
from consult.rooms.errors import RoomCrowdedError
from consult.rooms.journalling import codes_of_guest, journal_of
from consult.rooms.model import (
    GOES_ON_FOR,
    MOST_KNOCKS,
    Knock,
    KnockState,
    Measured,
    Place,
    RoomDevice,
    RoomLimits,
    Seen,
    Stay,
    StayEnd,
)
from consult.rooms.tables import RoomRow, SampleRow, StayRow


@dataclass(frozen=True, slots=True)
class Comer:
    """Who comes in, for which institution, with which device."""

    person_id: str
    institution_id: InstitutionId
    device: RoomDevice


def knock(
    work: Work, case: Case, row: RoomRow, who: Comer, *, is_expected: bool
) -> tuple[Knock, bool]:
    """Ask to be let in, and whether that is new; whoever was turned away may ask again.

    Raises RoomCrowdedError. Who is expected is let in at once, unless she was turned away (0270).
    """
    person_id = who.person_id
    known = store.find_knock(work.session, row.id, person_id)
    if known is not None and known.state is not KnockState.TURNED_AWAY:
        return known, False
    if known is None and len(store.list_knocks(work.session, row.id)) >= MOST_KNOCKS:
        raise RoomCrowdedError(case.id)
    is_let_in = is_expected and known is None
    state = KnockState.ADMITTED if is_let_in else KnockState.WAITING
    asked = Knock(PractitionerId(person_id), who.institution_id, state, work.now)
    store.save_knock(work.session, row.id, asked)
    journal_of(
        work, case, "room.knocked", row.id, **codes_of_guest(work, person_id, who.institution_id)
    )
    return asked, True


def come_in(work: Work, case: Case, place: Place, who: Comer) -> Seen:
    """Write that a device has come in; which stay is its own.

    A stay that its broken line left open goes on where that was seen a moment ago, and else ended
    when it was last seen. Raises RoomCrowdedError.
    """
    for stay in stay_store.list_stays(work.session, place.room.id):
        if (stay.person_id, stay.device, stay.left_at) == (who.person_id, who.device, None):
            if _goes_on(work, stay):
                return Seen(stay.id, work.now)
            endings.end_stay(work, case, stay, how=StayEnd.LOST, at=stay.seen_at)
    row = StayRow(
        id=new_id(),
        room_id=place.room.id,
        person_id=who.person_id,
        institution_id=who.institution_id,
        device=who.device,
        joined_at=work.now,
        seen_at=work.now,
    )
    if not stay_store.save_stay(work.session, row):
        raise RoomCrowdedError(case.id)
    journal_of(
        work,
        case,
        "room.joined",
        place.room.id,
        device=who.device.value,
        role=place.role.value,
        stay=row.id,
        **codes_of_guest(work, who.person_id, who.institution_id),
    )
    return Seen(row.id, work.now)


def measure(
    work: Work, case: Case, place: Place, person_id: str, measured: Measured, limits: RoomLimits
) -> bool:
    """Keep what a browser measured; False where it told so a moment ago."""
    room_id = place.room.id
    last = store.last_sample(work.session, room_id, person_id)
    if last is not None and work.now - last < limits.sampled_every:
        return False
    facts = {name: getattr(measured, name) for name in Measured.__slots__}
    row = SampleRow(id=new_id(), room_id=room_id, person_id=person_id, taken_at=work.now, **facts)
    if not store.save_sample(work.session, row):
        return False
    told = {} if work.actor.practitioner_id == person_id else {"person": person_id}
    journal_of(work, case, "room.measured", room_id, **facts, **told)
    return True


def _goes_on(work: Work, stay: Stay) -> bool:
    """Whether its line broke only now: from here on it is seen by the line that came after."""
    if work.now - stay.seen_at > GOES_ON_FOR:
        return False
    return stay_store.mark_seen(work.session, stay.id, at=work.now, before=stay.seen_at)
