"""A room whose host has gone gets another one, so that somebody can let others in (VID-06)."""

from collections.abc import Iterable, Sequence

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Role, Work
from consult.people.practitioners import affiliations
from consult.queue import service as queue
from consult.rooms import stay_store, store
from consult.rooms.journalling import journal_of
from consult.rooms.model import Knock, KnockState, Room, RoomLimits, Stay, StayEnd
from consult.rooms.rights import has_session

_AT_ONCE = 200
_ROLES = (Role.EXPERT, Role.REQUESTING_PHYSICIAN)


def change_hosts(work: Work, *, limits: RoomLimits) -> list[str]:
    """Give every room that its host has left to the next one who is there; their ids (system).

    Who left by herself is followed at once, who was cut off after `host_away_for`.
    """
    changed = []
    for room in store.list_open(work.session, limit=_AT_ONCE):
        stays = stay_store.list_stays(work.session, room.id)
        if _is_gone(work, room, stays, limits):
            case = cases.get_case(work, room.case_id)
            following = next(iter(_following(work, case, stays)), None)
            if following is not None and _change(work, case, room, following):
                changed.append(room.id)
    return changed


def _is_gone(work: Work, room: Room, stays: Sequence[Stay], limits: RoomLimits) -> bool:
    own = [each for each in stays if each.person_id == room.host_id]
    if any(each.left_at is None for each in own):
        return False
    last = max(own, key=lambda each: each.left_at or each.joined_at, default=None)
    if last is not None and last.how is StayEnd.LEFT:
        return True
    since = room.opened_at if last is None or last.left_at is None else last.left_at
    return work.now - since >= limits.host_away_for


def _following(work: Work, case: Case, stays: Iterable[Stay]) -> list[Stay]:
    """Physicians who are there: first who may call on the case, then who has been there longest."""
    there: dict[str, Stay] = {}
    for stay in stays:
        if stay.left_at is None and _may_host(work, stay):
            there.setdefault(stay.person_id, stay)
    claim = queue.find_claim(work, case.id)
    callers = {case.requesting_physician_id, None if claim is None else claim.practitioner_id}

    def calls(stay: Stay) -> bool:
        return stay.person_id in callers or has_session(work, case, stay.person_id)

    return sorted(there.values(), key=lambda each: (not calls(each), each.joined_at, each.id))


def _may_host(work: Work, stay: Stay) -> bool:
    """Whether she is a physician whom the host that has gone did not put out before."""
    if store.is_turned_away(work.session, stay.room_id, stay.person_id):
        return False
    return any(
        affiliations.holds_role(
            work,
            practitioner_id=stay.person_id,
            institution_id=stay.institution_id,
            role=role,
        )
        for role in _ROLES
    )


def _change(work: Work, case: Case, room: Room, stay: Stay) -> bool:
    """Write it; who was host before may come again without knocking."""
    if not store.change_host(
        work.session,
        room,
        host_id=stay.person_id,
        institution_id=stay.institution_id,
    ):
        return False
    before = Knock(room.host_id, room.institution_id, KnockState.ADMITTED, work.now)
    store.save_knock(work.session, room.id, before)
    journal_of(work, case, "room.host_changed", room.id, person=stay.person_id, was=room.host_id)
    return True
