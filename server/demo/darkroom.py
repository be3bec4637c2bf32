"""Photographs drawn ahead of their acts, and files that the libraries bring along."""

import asyncio
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from imaging.jail.client import Jail
from imaging.jail.protocol import JsonValue
from server.demo.case_model import CasePlan, ImagePlan
from server.demo.model import DemoPlan
from server.intake.spool import memory_files
from server.threads import in_thread

DRAWN_AT_ONCE: Final = 2


class Darkroom:
    """Draws in the jail, in the order in which the pictures are wanted."""

    def __init__(self, jail: Jail, group: asyncio.TaskGroup) -> None:
        self._jail, self._group = jail, group
        self._turns = asyncio.Semaphore(DRAWN_AT_ONCE)
        self._drawn: dict[tuple[str, str], asyncio.Task[bytes]] = {}

    def begin(self, plan: DemoPlan) -> None:
        """Start drawing everything."""
        for case in sorted(plan.cases, key=lambda each: each.steps[0].at):
            for image in case.images:
                self._drawn[(case.key, image.file_name)] = self._group.create_task(
                    self._draw(image)
                )

    async def take(self, case: CasePlan, image: ImagePlan) -> bytes:
        """The photograph as a camera's file; each is taken once."""
        return await self._drawn.pop((case.key, image.file_name))

    async def _draw(self, image: ImagePlan) -> bytes:
        local = image.captured_at.replace(tzinfo=None, microsecond=0).isoformat()
        params: dict[str, JsonValue] = {"spec": dict(image.draw_params), "captured_at": local}
        async with self._turns:
            with memory_files(1) as (drawn,):
                await self._jail.run("draw", params, outputs=[drawn])
                return os.pread(drawn, os.fstat(drawn).st_size, 0)


async def read_library_file(name: str) -> bytes:
    """A DICOM file that lies in the installed pydicom, which this process never loads."""
    found = find_spec("pydicom")
    if found is None or found.origin is None:
        raise FileNotFoundError(name)
    path = Path(found.origin).parent / "data" / "test_files" / Path(name).name
    return await in_thread(path.read_bytes)
