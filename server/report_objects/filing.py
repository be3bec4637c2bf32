"""The job that files what a signed version leaves in its studies: made in the jail, kept once."""

import os
from dataclasses import replace
from typing import Final

import structlog
from aiohttp import web

from consult.jobs.model import Job
from consult.kernel.words import Words
from consult.reports.dispatches import service_want
from consult.reports.objects import service as objects
from consult.reports.objects.gathering import gather
from consult.reports.objects.model import Gathered, ObjectKind, Place
from consult.reports.objects.plans import Planned, plan_documents
from consult.reports.objects.presenting import plan_presented
from consult.reports.objects.words import Say
from consult.studies.model import Origin, Received
from consult.studies.quotas.errors import QuotaFullError
from imaging.report_objects.told import plan_as_json
from server.i18n import ENGLISH
from server.images.imagery import IMAGERY
from server.images.imagestore import read_blob
from server.intake.spool import memory_files
from server.keys import JAIL, RULES, SEAL
from server.receiving.place import find_place, save_picture, settling
from server.receiving.taking import look_into
from server.report_objects.sources import UNREADABLE, read_profile, read_sources
from server.terms import Terms
from server.threads import in_thread
from server.transactions import as_system, as_system_read

log = structlog.get_logger()
_CHINESE: Final = "zh-Hans"
_NO_ROOM: Final = "quota-full"
_UNREADABLE: Final = "pictures-unreadable"


async def file_report_objects(app: web.Application, job: Job) -> None:
    """File every object of a version that is not there yet, and have it sent where it is wanted.

    Twice is the same as once. Where not all can be made, what was made is sent nonetheless.
    """
    report_id = str(job.payload["report_id"])
    gathered = await as_system_read(
        app, gather, report_id=report_id, seal=app[SEAL], names=app[RULES].images.names
    )
    if isinstance(gathered, str):
        await as_system(app, objects.note_none, report_id=report_id, reason=gathered)
        return
    failures = set()
    for place in gathered.places:
        try:
            await _file_all(app, gathered, place)
        except (QuotaFullError, *UNREADABLE) as error:
            failures.add(_NO_ROOM if isinstance(error, QuotaFullError) else _UNREADABLE)
        await as_system(
            app,
            service_want.want_all,
            report_id=report_id,
            institution_id=place.institution_id,
            study_uid=place.study_uid,
        )
    for reason in sorted(failures):
        log.warning("objects of a report not filed", object_id=report_id, code=reason)
        await as_system(app, objects.note_none, report_id=report_id, reason=reason)


async def _file_all(app: web.Application, gathered: Gathered, place: Place) -> None:
    sources = await read_sources(app, place, say=_saying(app[RULES].terms))
    wanted = [
        *plan_documents(gathered, place, sources),
        *plan_presented(gathered, place, sources),
    ]
    for planned in wanted:
        if not place.has(planned.uids):
            beside = await _beside(app, gathered, planned)
            await _file(app, gathered, place, planned=planned, beside=beside)


async def _beside(app: web.Application, gathered: Gathered, planned: Planned) -> bytes:
    """What an object is made from beside its plan: the paper, or the colours of its pictures."""
    if planned.kind is ObjectKind.PAPER and gathered.pdf is not None:
        return await read_blob(app, gathered.pdf)
    return await read_profile(app, planned)


async def _file(
    app: web.Application, gathered: Gathered, place: Place, *, planned: Planned, beside: bytes
) -> None:
    """As everything that comes in: stored first, looked into by the jail, filed in one unit."""
    told = plan_as_json(planned.plan)
    async with settling(app, await find_place(app, place.institution_id)) as where:
        with memory_files(3) as (plan, given, made):
            await in_thread(_write, plan, told)
            await in_thread(_write, given, beside)
            async with app[IMAGERY].renders:
                await app[JAIL].run("report_object", {}, inputs=[plan, given], outputs=[made])
            blob = await in_thread(save_picture, app, where, made)
            received = _as_ours(await look_into(app, where, made, blob))
        await as_system(
            app,
            objects.keep_object,
            report_id=gathered.report.id,
            place=place,
            kind=planned.kind,
            received=received,
        )
        where.name([each.key for each in received.blobs.values()])


def _as_ours(received: Received) -> Received:
    """Nobody uploaded it."""
    return replace(received, description=replace(received.description, origin=Origin.REPORT))


def _saying(terms: Terms) -> Say:
    def say(group: str, code: str) -> Words:
        return Words(terms.text(_CHINESE, group, code), terms.text(ENGLISH, group, code))

    return say


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
