"""A second device of somebody: it is there as long as her first one is."""

from datetime import timedelta
from typing import Final

from consult.kernel.work import Work
from consult.rooms import stay_store
from consult.rooms.links.model import Link
from consult.rooms.model import RoomDevice, StayEnd

_COMES_AGAIN: Final = timedelta(seconds=30)
"""So long a second device waits for the first one of its person, whose line was cut."""


def is_first_there(work: Work, link: Link) -> bool:
    """Whether the first device of the same person is in the room, or comes again in a moment."""
    stays = stay_store.list_stays(work.session, link.room_id)
    own = [
        each
        for each in stays
        if each.person_id == link.person_id and each.device is RoomDevice.FIRST
    ]
    if any(each.left_at is None for each in own):
        return True
    last = max(own, key=lambda each: (each.joined_at, each.id), default=None)
    if last is None or last.left_at is None or last.how is not StayEnd.LOST:
        return False
    return work.now - last.left_at < _COMES_AGAIN
