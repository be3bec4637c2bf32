"""The standing job that reads the journal for notices, and brings what is due: one round a way."""

from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import web

from consult.notices import gathering, outbox
from consult.notices.model import WayKind
from consult.notices.outbox import Message
from server.keys import RULES, SETTINGS, TASKS
from server.notices.failures import NotSentError
from server.notices.mail import send_mail
from server.notices.robots import send_by_robot
from server.notices.wording import words_of
from server.transactions import as_system, as_system_read, utc_now

log = structlog.get_logger()
NOTICES_EVERY_S: Final = 2.0


@dataclass(slots=True)
class Postmen:
    """The ways on which a message is under way."""

    out: set[str] = field(default_factory=set)


POSTMEN: Final = web.AppKey("postmen", Postmen)


async def tell_outside(app: web.Application) -> None:
    """Write what people are to be told, and send what is due; a way that hangs keeps no other."""
    rules, postmen = app[RULES].notices, app[POSTMEN]
    if await as_system_read(app, gathering.is_behind):
        await as_system(app, gathering.gather, rules=rules)
    due = await as_system_read(
        app,
        outbox.list_due_ways,
        without=frozenset(postmen.out),
        limit=rules.at_once - len(postmen.out),
    )
    for way_id in due:
        postmen.out.add(way_id)
        app[TASKS].start(_go(app, way_id), name="postman")


async def _go(app: web.Application, way_id: str) -> None:
    """Bring one message, and keep what became of it."""
    rules = app[RULES].notices
    try:
        message = await as_system_read(app, outbox.find_message, way_id=way_id, rules=rules)
        if message is None:
            return
        failure = await _try(app, message)
        if failure:
            log.warning("notice not sent", object_id=way_id, code=failure)
            await as_system(app, outbox.note_failed, way_id=way_id, failure=failure, rules=rules)
        else:
            ids = [each.id for each in message.notices]
            await as_system(app, outbox.note_sent, way_id=way_id, notice_ids=ids)
    except Exception as error:  # noqa: BLE001 - the outermost point of a round: it goes again
        log.warning("postman failed", object_id=way_id, error=type(error).__name__)
        await as_system(app, outbox.note_failed, way_id=way_id, failure="house-failed", rules=rules)
    finally:
        app[POSTMEN].out.discard(way_id)


async def _try(app: web.Application, message: Message) -> str:
    """Why it did not arrive; empty where it did."""
    settings, rules = app[SETTINGS], app[RULES].notices
    words = words_of(app, message)
    try:
        if message.way.kind is WayKind.EMAIL:
            await send_mail(settings, rules, to=message.way.address, words=words)
        else:
            now_ms = int(utc_now().timestamp() * 1000)
            origins = settings.notice_origins
            await send_by_robot(message, words, rules=rules, origins=origins, now_ms=now_ms)
    except NotSentError as refused:
        return refused.code
    return ""


def furnish_postmen(app: web.Application) -> None:
    """Nobody is under way yet."""
    app[POSTMEN] = Postmen()
