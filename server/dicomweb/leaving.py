"""Originals on their way out of the house: what their doors ask, and what is written down."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from consult.access.model import Action
from consult.people.machines.model import Right
from consult.studies import retrieval
from consult.studies.model import Instance
from server.images.imagery import IMAGERY
from server.requests import signed_in
from server.transactions import in_unit

LEAVES: Final = {
    "action": Action.DOWNLOAD_ORIGINAL,
    "needs": (Action.SEE_IMAGE, Action.SEE_NAME),
    "takes_out": True,
    "right": Right.READ_IMAGES,
}
"""What a door asks by which stored bytes leave, whole or a value of them."""


async def record_leaving(request: web.Request, given: Sequence[Instance]) -> None:
    """Write down what leaves before it leaves, and note it among those who saw the study.

    A person's every answer is an entry of its own. Of a machine the first of a study is, and what
    it takes of the same study within the next seconds is gathered behind it (decision 0171).
    """
    actor, room = signed_in(request).actor, request.app[IMAGERY]
    new = room.leavings.untold(actor, given) if signed_in(request).is_machine else given
    if new:
        await in_unit(request, retrieval.record_retrieval, new)
        room.leavings.told(actor, new)
    room.viewings.note_read(actor, given)
