"""What a room looked at together, as its record has it: which picture, from when, shown by whom."""

from consult.cases import service as cases
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.rooms import showing_store
from consult.rooms.journalling import journal_of
from consult.rooms.model import RoomLimits
from consult.rooms.rights import Talks, require_place
from consult.rooms.tables import ShowingRow


def note_shown(
    work: Work, *, case_id: str, image_id: str, presenter_id: str, limits: RoomLimits, talks: Talks
) -> bool:
    """Write what the room has looked at for a while now, or (no picture) that it no more does.

    False where that is written already, or the room has as many as are kept. Raises as
    `rights.require_place`.
    """
    room_id = require_place(work, case_id, talks=talks).room.id
    known = showing_store.find_shown(work.session, room_id)
    if known is not None and (known.image_id, known.presenter_id) == (image_id, presenter_id):
        return False
    begun_at = work.now - limits.shown_after if image_id else work.now
    if known is not None:
        begun_at = max(begun_at, known.begun_at)
        showing_store.end_shown(work.session, room_id, at=begun_at)
    is_begun = bool(image_id) and showing_store.save_showing(
        work.session,
        ShowingRow(
            id=new_id(),
            room_id=room_id,
            image_id=image_id,
            presenter_id=presenter_id,
            begun_at=begun_at,
        ),
    )
    if known is None and not is_begun:
        return False
    shown = {"image": image_id, "person": presenter_id} if is_begun else {}
    journal_of(work, cases.get_case(work, case_id), "room.shown", room_id, **shown)
    return True
