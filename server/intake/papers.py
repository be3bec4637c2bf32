"""A photograph of a signed consent on its way in: looked at, wrapped and encrypted as any other."""

import os
from dataclasses import replace
from typing import Final

from aiohttp import web

from consult.cases.images.labels import Labels, labels_of
from consult.cases.papers import service as papers
from consult.cases.papers.errors import PaperNotTakenError
from consult.cases.papers.model import PaperKind
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import new_id
from consult.kernel.work import Actor, Work
from consult.people.patients.names import NameRules
from consult.studies.errors import InstanceRacedError
from consult.studies.model import Received
from consult.studies.uploads.model import Upload
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError, NoPicture
from server.images.imagery import IMAGERY
from server.images.imagestore import wrapped_key_of
from server.intake.file import Looker
from server.intake.spool import Spool, sha256_of, write_at
from server.keys import RULES, UNITS
from server.threads import in_thread
from server.transactions import as_system_read, read_as, write_as

_RACES: Final = 5


async def is_consent(app: web.Application, upload_id: str) -> bool:
    """Whether this upload is a photographed consent and no picture for the reader."""
    sent = await as_system_read(app, papers.find_sent, upload_id)
    return sent is not None and sent.kind is PaperKind.CONSENT


async def take_consent(app: web.Application, upload: Upload) -> None:
    """Look at the photograph and file it; what it is not, the upload says."""
    received: Received | None = None
    refusal: str | None = None
    try:
        received = await _look(app, upload)
    except (PaperNotTakenError, NotFoundError) as error:
        refusal = error.code
    except FileNotFoundError:
        refusal = "upload-lost"
    except JailRefusedError as error:
        refusal = str(error.facts.get("after", error.reason))
    except JailCrashedError:
        refusal = NoPicture.DECODER_CRASHED
    except JailTimedOutError:
        refusal = NoPicture.DECODER_TIMED_OUT
    await _finish(app, upload, received, refusal)


async def _look(app: web.Application, upload: Upload) -> Received:
    actor = _sender(upload)
    labels = await read_as(
        app[UNITS], actor, _labels, upload.case_id, names=app[RULES].images.names
    )
    descriptor = await in_thread(app[IMAGERY].spool.open, upload.id)
    try:
        wrapped_key = await wrapped_key_of(app, upload.institution_id)
        sha256 = await in_thread(sha256_of, descriptor)
        looker = Looker(app, upload, labels, wrapped_key)
        return (await looker.look(descriptor, upload.file_name, sha256=sha256)).received
    finally:
        os.close(descriptor)


def _labels(work: Work, case_id: str, *, names: NameRules) -> Labels:
    case = papers.get_paper_case(work, case_id)
    return replace(labels_of(work, case, names=names), is_paper=True)


async def _finish(
    app: web.Application, upload: Upload, received: Received | None, refusal: str | None
) -> None:
    for attempt in range(_RACES):
        try:
            await write_as(
                app[UNITS],
                _sender(upload),
                papers.finish_upload,
                upload=upload,
                received=received,
                refusal=refusal,
            )
        except InstanceRacedError:
            if attempt == _RACES - 1:
                raise
        else:
            return


def _sender(upload: Upload) -> Actor:
    """The person in whose name it was sent."""
    return Actor(upload.practitioner_id, upload.institution_id, session_id=upload.session_id)


async def keep_bytes(app: web.Application, data: bytes) -> str:
    """Put a photograph that came in one piece on the disk; the id of the upload to be made of it.

    What no upload names after all is swept with the rest.
    """
    upload_id = new_id()
    await in_thread(_write, app[IMAGERY].spool, upload_id, data)
    return upload_id


def _write(spool: Spool, upload_id: str, data: bytes) -> None:
    spool.create(upload_id)
    descriptor = spool.open(upload_id)
    try:
        write_at(descriptor, data, 0)
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
