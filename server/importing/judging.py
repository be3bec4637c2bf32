"""What becomes of one file of an import: filed, refused with its reason, or a directory."""

import os
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from consult.kernel.work import Actor
from consult.people.organisations.model import Institution
from consult.studies.model import NOT_LOOKED_AT, Verdict
from consult.studies.quotas.errors import QuotaFullError
from imaging.errors import (
    JailCrashedError,
    JailError,
    JailRefusedError,
    JailTimedOutError,
    JailUnavailableError,
    Refusal,
)
from server.importing.walk import refusal_of
from server.keys import JAIL
from server.receiving.filing import file_all
from server.receiving.place import place_at, receiving
from server.receiving.taking import Taking

WAY: Final = "import"
_FAULTS: Final[Mapping[type[JailError], tuple[str, str]]] = {
    JailCrashedError: ("refused", "decoder-crashed"),
    JailTimedOutError: ("refused", "decoder-timed-out"),
    JailUnavailableError: ("failed", "try-again"),
}

Judged = dict[str, Any]
"""Verdict and reason of a file, as the report has them."""


async def judge(house: web.Application, descriptor: int, institution: Institution) -> Judged:
    """Take one file."""
    refusal = refusal_of(descriptor)
    if refusal is not None:
        return told("refused", refusal)
    try:
        return await _file(house, descriptor, institution)
    except QuotaFullError as error:
        return told("failed", error.code)
    except JailRefusedError as error:
        is_listed = error.reason == Refusal.DIRECTORY
        refused = told("refused", error.reason)
        return await _list_directory(house, descriptor) if is_listed else refused
    except (JailCrashedError, JailTimedOutError, JailUnavailableError) as error:
        return told(*_FAULTS[type(error)])


def told(verdict: str, reason: str, **more: Any) -> Judged:
    """A verdict with its reason."""
    return {"verdict": verdict, "reason": str(reason), **more}


async def _file(house: web.Application, descriptor: int, institution: Institution) -> Judged:
    actor = Actor(None, institution.id)
    async with receiving(house, place_at(institution)) as place:
        taking = Taking(house, place)
        try:
            size = os.fstat(descriptor).st_size
            received = await taking.take_file(descriptor, size)
        finally:
            await taking.drop()
        (filed,) = await file_all(house, actor, place, [received], way=WAY, source="")
    if filed.verdict is Verdict.CONFLICT:
        return told("conflict", "image-conflict")
    reason = received.description.picture_reason
    is_said = reason not in {None, NOT_LOOKED_AT}
    return told(filed.verdict.value, f"no-picture-{reason}" if is_said else "")


async def _list_directory(house: web.Application, descriptor: int) -> Judged:
    try:
        listed = await house[JAIL].run("directory", {}, inputs=[descriptor])
    except JailRefusedError as error:
        return told("refused", error.reason)
    except (JailCrashedError, JailTimedOutError):
        return told("refused", "decoder-crashed")
    return told("directory", "", references=listed["references"])
