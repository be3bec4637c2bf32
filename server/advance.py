"""The clock's part of a submission in advance: the case goes when its files are there (U11)."""

from datetime import timedelta

import structlog
from aiohttp import web

from consult.cases.advance import service as advance
from consult.cases.advance.model import Advance
from consult.kernel.errors import (
    ConflictError,
    ForbiddenError,
    FormRefusedError,
    NotFoundError,
    RefusedError,
)
from server.keys import RULES, UNITS
from server.transactions import as_system, as_system_read, read_as, write_as

log = structlog.get_logger()
ADVANCE_EVERY_S = 3.0
LATE_EVERY_S = 60.0


async def submit_arrived(app: web.Application) -> None:
    """Submit what has become whole, end what never can; what is to be confirmed goes on waiting."""
    waiting = await as_system_read(app, advance.list_arrived)
    while waiting:
        for asked in waiting:
            await _settle(app, asked)
        waiting = await as_system_read(app, advance.list_arrived, after=waiting[-1].case_id)


async def tell_late(app: web.Application) -> None:
    """Tell whoever sent a case that has long been waiting for its files."""
    late = timedelta(minutes=app[RULES].images.limits.late_files_min)
    while await as_system(app, advance.tell_late, late=late) == advance.AT_ONCE:
        pass


async def _settle(app: web.Application, asked: Advance) -> None:
    actor = await as_system_read(app, advance.find_submitter, asked)
    if actor is None:
        await as_system(app, advance.give_up, asked, why="submit-needs-physician")
        return
    rules = app[RULES].cases
    try:
        outlook = await read_as(app[UNITS], actor, advance.judge, asked, rules=rules)
        if outlook.is_due:
            await write_as(app[UNITS], actor, advance.settle, asked, rules=rules)
        elif outlook.why is not None:
            await as_system(app, advance.end_stuck, asked, why=outlook.why)
    except (FormRefusedError, ConflictError) as refusal:  # something came between: it waits
        log.info("submission waits", object_id=asked.case_id, code=refusal.code)
    except (RefusedError, ForbiddenError, NotFoundError) as refusal:
        await as_system(app, advance.give_up, asked, why=refusal.code)
