"""Calm objects of one institution, looked at one after the other in one child of the jail.

What they are stands in `imaging/calm.py`, why it may be in decision 0196. It is an attempt: where
anything is unusual, or the child dies, nothing of it is kept and each is looked at alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import structlog
from aiohttp import web

from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.studies.model import Instance
from imaging.calm import CALM_SYNTAXES, MOST_TOGETHER, OUTPUTS_EACH
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from server.images.imagestore import all_in_memory
from server.intake.spool import memory_files
from server.keys import JAIL
from server.looks.seen import Seen, keep_seen, seen_in
from server.receiving.place import Place, find_place, settling
from server.receiving.taking import receive_told
from server.threads import in_thread
from server.transactions import as_system

log = structlog.get_logger()
_LARGEST_BYTES: Final = 2 << 20
_TOGETHER_BYTES: Final = 8 << 20
_UNUSUAL: Final = (
    BlobDamagedError,
    BlobMissingError,
    JailRefusedError,
    JailCrashedError,
    JailTimedOutError,
)


def grouped(instances: Iterable[Instance]) -> Iterator[list[Instance]]:
    """Those that may be looked at together, and every other one alone."""
    calm: defaultdict[str, list[Instance]] = defaultdict(list)
    for each in instances:
        if not _may_be_calm(each):
            yield [each]
            continue
        some = calm[each.institution_id]
        if some and not _has_room(some, each):
            yield calm.pop(each.institution_id)
        calm[each.institution_id].append(each)
    yield from calm.values()


async def look_at_together(app: web.Application, some: Sequence[Instance]) -> bool:
    """Look at these, and keep what was seen; False where nothing was, and each is due alone."""
    async with settling(app, await find_place(app, some[0].institution_id)) as place:
        try:
            seen = await _look(app, place, some)
        except _UNUSUAL as error:
            log.info("looked at one by one", code=type(error).__name__, count=len(some))
            return False
        if seen is None:
            return False
        await as_system(app, keep_seen, seen)
        place.name([key for each in seen for key in each.keys])
    return True


async def _look(app: web.Application, place: Place, some: Sequence[Instance]) -> list[Seen] | None:
    originals = [each.original for each in some]
    async with all_in_memory(app, originals, wrapped_key=place.wrapped_key) as inputs:
        with memory_files(OUTPUTS_EACH * len(some)) as outputs:
            answer = await app[JAIL].run("receive_many", {}, inputs=inputs, outputs=outputs)
            told = _told_of(some, answer)
            if told is None:
                return None
            return await in_thread(_keep_pictures, app, place, some, told, outputs)


def _told_of(some: Sequence[Instance], answer: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """What was told of each; None where they were not calm, or it is told of other objects."""
    if not answer["is_calm"]:
        return None
    told: list[dict[str, Any]] = answer["told"]
    named = [each["facts"]["sop_instance_uid"] for each in told]
    return told if named == [each.uids.sop_instance_uid for each in some] else None


def _keep_pictures(
    app: web.Application,
    place: Place,
    some: Sequence[Instance],
    told: Sequence[Mapping[str, Any]],
    outputs: Sequence[int],
) -> list[Seen]:
    seen = []
    for at, (instance, each) in enumerate(zip(some, told, strict=True)):
        own = outputs[OUTPUTS_EACH * at : OUTPUTS_EACH * (at + 1)]
        seen.append(seen_in(instance, receive_told(app, place, each, own, instance.original)))
    return seen


def _may_be_calm(instance: Instance) -> bool:
    original = instance.original
    return (
        instance.description.transfer_syntax_uid in CALM_SYNTAXES
        and original.size_bytes <= _LARGEST_BYTES
        and original.institution_id == instance.institution_id
    )


def _has_room(some: Sequence[Instance], another: Instance) -> bool:
    held_bytes = sum(each.original.size_bytes for each in some)
    return len(some) < MOST_TOGETHER and held_bytes + another.original.size_bytes <= _TOGETHER_BYTES
