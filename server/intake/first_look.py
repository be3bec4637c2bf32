"""A first look at a small copy of a photograph, before the photograph itself has arrived (U12).

The copy is looked at in the jail and forgotten: it is no instance, nobody reads from it, and the
verdict on the photograph itself is made and kept when that has arrived.
"""

import enum
import os
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from consult.kernel.eyes import Eye
from consult.studies.quality import QualityCheck, QualityFault, QualityVerdict
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from server.images.imagery import IMAGERY
from server.intake.picture_check import check_of
from server.intake.spool import memory_files, write_at
from server.keys import JAIL
from server.threads import in_thread

_EYES: Final = {"R": Eye.RIGHT, "L": Eye.LEFT}
_NO_PICTURE: Final = (JailRefusedError, JailCrashedError, JailTimedOutError)


class Glance(enum.StrEnum):
    """What a first look says."""

    FUNDUS = "fundus"
    RETAKE = "retake"
    OTHER = "other"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The verdict, what is wrong, and the eye of which the place of the disc speaks."""

    glance: Glance
    eye: Eye | None = None
    fault: QualityFault | None = None

    @property
    def code(self) -> str:
        """Names its sentence."""
        if self.fault is not None:
            return f"first-look-{self.fault.value}"
        if self.glance is Glance.FUNDUS and self.eye is not None:
            return f"first-look-{self.eye.value}"
        return f"first-look-{self.glance.value}"


async def look_first(app: web.Application, copy: bytes) -> FirstLook:
    """Judge a small copy; raises JailUnavailableError where nobody can look."""
    async with app[IMAGERY].looks:
        with memory_files(3) as (written, *small):
            await in_thread(write_at, written, copy, 0)
            await in_thread(os.lseek, written, 0, os.SEEK_SET)
            try:
                told = await app[JAIL].run("inspect", {}, inputs=[written], outputs=small)
            except _NO_PICTURE:
                return FirstLook(Glance.UNREADABLE)
    return _judge(told["facts"], check_of(app, told["facts"]))


def _judge(facts: dict[str, Any], check: QualityCheck | None) -> FirstLook:
    if check is None or check.verdict is QualityVerdict.OTHER:
        return FirstLook(Glance.OTHER)
    eyes = [_EYES[each["value"]] for each in facts["laterality_proposals"]]
    eye = eyes[0] if eyes else None
    if check.verdict is QualityVerdict.RETAKE and check.worst is not None:
        return FirstLook(Glance.RETAKE, eye, check.worst.fault)
    return FirstLook(Glance.FUNDUS, eye)
