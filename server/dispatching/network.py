"""C-STORE and C-ECHO by the DICOM process, which alone speaks to the network."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from consult.reports.destinations.model import Destination, DispatchScope
from consult.reports.dispatches.model import DispatchRules, Tried
from imaging.dimse.classes import IMPLICIT_LE, PLAIN
from imaging.errors import JailError
from server.dimse.asking import ASKING, DoorAwayError
from server.dimse.errands import LISTEN, PUSH
from server.dispatching.judging import settle
from server.dispatching.parcels import Parcel
from server.intake.spool import memory_files
from server.keys import JAIL, SETTINGS

_DOCUMENTS: Final = (
    "1.2.840.10008.5.1.4.1.1.104.1",  # Encapsulated PDF
    "1.2.840.10008.5.1.4.1.1.88.33",  # Comprehensive SR
    "1.2.840.10008.5.1.4.1.1.88.59",  # Key Object Selection
)
_MARKS: Final = (
    "1.2.840.10008.5.1.4.1.1.11.1",  # Grayscale Softcopy Presentation State
    "1.2.840.10008.5.1.4.1.1.11.2",  # Color Softcopy Presentation State
)
WORKS: Final = "works"


async def store(
    app: web.Application,
    destination: Destination,
    parcels: Sequence[Parcel],
    rules: DispatchRules,
) -> Tried:
    """Send these objects over one association; over a second what is taken plainly alone (0245)."""
    tried, plain = await _push(app, destination, parcels, rules)
    if tried.failure or not plain:
        return tried
    chosen = [each for each in parcels if each.uid in plain]
    try:
        async with _plainly(app, chosen) as written:
            more, _ = await _push(app, destination, written, rules)
    except JailError:
        return replace(tried, failure="house-busy")
    return replace(more, objects={**tried.objects, **more.objects})


async def _push(
    app: web.Application,
    destination: Destination,
    parcels: Sequence[Parcel],
    rules: DispatchRules,
) -> tuple[Tried, frozenset[str]]:
    objects = [(each.name, each.descriptor) for each in parcels]
    told = {"wish": PUSH, **_whereto(app, destination)}
    try:
        answer = await app[ASKING].ask(told, objects=objects, patience_s=rules.request_s)
    except DoorAwayError:
        return Tried({}, "door-away", was_reached=False), frozenset()
    except TimeoutError:
        return Tried({}, "peer-slow"), frozenset()
    tried = settle(
        [(each.sent, each.uid) for each in parcels],
        answer.get("statuses", {}),
        failure=answer["failure"],
        was_reached=answer["was_associated"],
    )
    return tried, frozenset(answer.get("plain", ()))


@asynccontextmanager
async def _plainly(
    app: web.Application, parcels: Sequence[Parcel]
) -> AsyncIterator[Sequence[Parcel]]:
    """The same objects in Implicit VR Little Endian, written in the jail; raises JailError."""
    with memory_files(len(parcels)) as outputs:
        for each, output in zip(parcels, outputs, strict=True):
            await app[JAIL].run("implicit", {}, inputs=[each.descriptor], outputs=[output])
        yield [
            replace(
                each,
                descriptor=output,
                name=replace(each.name, transfer_syntax_uid=IMPLICIT_LE),
                size_bytes=os.fstat(output).st_size,
            )
            for each, output in zip(parcels, outputs, strict=True)
        ]


async def try_line(app: web.Application, destination: Destination, rules: DispatchRules) -> str:
    """Associate for every class that may go and verify the line; classes not taken are named."""
    classes = _DOCUMENTS if destination.scope is DispatchScope.DOCUMENTS else (*_DOCUMENTS, *_MARKS)
    kinds = [(uid, syntax) for uid in classes for syntax in PLAIN]
    told = {"wish": LISTEN, "kinds": kinds, **_whereto(app, destination)}
    try:
        answer = await app[ASKING].ask(told, patience_s=rules.answer_s)
    except DoorAwayError:
        return "door-away"
    except TimeoutError:
        return "peer-slow"
    if answer["failure"]:
        return str(answer["failure"])
    if answer["status"]:
        return f"refused:{answer['status']:04X}"
    missing = [uid for uid in classes if uid not in answer["taken"]]
    return f"classes-refused:{' '.join(missing)}" if missing else WORKS


def _whereto(app: web.Application, destination: Destination) -> Mapping[str, Any]:
    return {
        "calling": destination.calling or app[SETTINGS].dicom_title,
        "place": {
            "title": destination.called,
            "host": destination.host,
            "port": destination.port,
            "over_tls": destination.over_tls,
            "certificate": destination.certificate,
        },
    }
