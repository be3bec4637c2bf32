"""Images of the demonstration come in as every file does: uploaded, looked at, wrapped, filed."""

import os
from datetime import timedelta
from typing import Final

from consult.cases.images import service as images
from consult.cases.images import service_confirm, service_take
from consult.cases.images.labels import get_labels
from consult.cases.images.service_confirm import Said
from consult.cases.model import CaseStatus
from consult.cases.protocol import FieldCode
from consult.kernel.ids import new_id
from consult.kernel.work import SYSTEM, Work
from consult.studies.uploads import service as uploads
from consult.studies.uploads.model import NewUpload, Upload
from server.demo.darkroom import Darkroom, read_library_file
from server.demo.stage import Scene
from server.images.imagery import IMAGERY
from server.images.imagestore import close_ledger, wrapped_key_of
from server.intake.file import Looker
from server.intake.relabelling import relabel_all
from server.intake.spool import sha256_of, write_at
from server.threads import in_thread

_LOOKED_THROUGH: Final = timedelta(minutes=2)


async def add_images(scene: Scene, darkroom: Darkroom) -> None:
    """Upload every picture; a case that goes on has its eyes confirmed, a draft not yet."""
    for image in scene.case.images:
        await _upload(scene, image.file_name, await darkroom.take(scene.case, image))
    for name in scene.case.extra_files:
        await _upload(scene, name, await read_library_file(name))
    if scene.case.target is not CaseStatus.DRAFT:
        await _confirm(scene)


async def _upload(scene: Scene, name: str, data: bytes) -> None:
    stage, at, actor = scene.stage, scene.step.at, scene.actor
    book, spool = stage.rules.images, stage.app[IMAGERY].spool
    upload = await stage.act(
        at,
        actor,
        images.open_upload,
        NewUpload(name, len(data)),
        case_id=scene.case_id,
        limits=book.limits,
    )
    await in_thread(spool.create, upload.id)
    descriptor = await in_thread(spool.open, upload.id)
    try:
        await in_thread(write_at, descriptor, data, 0)
        await stage.act(at, actor, uploads.advance_upload, upload.id, before=0, after=len(data))
        await stage.act(at, SYSTEM, uploads.begin_work, upload.id)
        await _take_in(scene, upload, descriptor)
    finally:
        os.close(descriptor)
    await close_ledger(stage.app, upload.id)
    await in_thread(spool.remove, upload.id)


async def _take_in(scene: Scene, upload: Upload, descriptor: int) -> None:
    stage, book = scene.stage, scene.stage.rules.images
    labels = await stage.act(
        scene.step.at, scene.actor, get_labels, scene.case_id, names=book.names
    )
    wrapped_key = await wrapped_key_of(stage.app, upload.institution_id)
    looker = Looker(stage.app, upload, labels, wrapped_key)
    sha256 = await in_thread(sha256_of, descriptor)
    arrival = await looker.look(descriptor, upload.file_name, sha256=sha256)
    await stage.act(
        scene.step.at,
        scene.actor,
        service_take.finish_upload,
        upload=upload,
        arrivals=[arrival],
        others=[],
        rules=book.rules,
    )


async def _confirm(scene: Scene) -> None:
    """Confirm eye and field of every image, and answer what was asked about a foreign file."""
    stage, ledger, at = scene.stage, new_id(), scene.step.at + _LOOKED_THROUGH
    protocol = stage.rules.cases.protocol_of(scene.case.service)
    said = await stage.act(at, scene.actor, _said, scene)
    plan = await stage.act(
        at,
        scene.actor,
        service_confirm.plan_confirming,
        scene.case_id,
        said=said,
        protocol=protocol,
    )
    relabelled = await relabel_all(stage.app, plan, ledger=ledger)
    await stage.act(
        at,
        scene.actor,
        service_confirm.confirm_alone,
        scene.case_id,
        said=said,
        relabelled=relabelled,
        protocol=protocol,
    )
    await close_ledger(stage.app, ledger)
    await stage.act(at, scene.actor, _answer_questions, scene)


def _said(work: Work, scene: Scene) -> list[Said]:
    planned = {image.file_name: (image.eye, image.field) for image in scene.case.images}
    return [
        Said(image.id, *planned.get(image.row.file_name, (None, FieldCode.OTHER)))
        for image in images.list_case_images(work, scene.case_id)
    ]


def _answer_questions(work: Work, scene: Scene) -> None:
    for question in images.get_set(work, scene.case_id, protocol=None).questions:
        if question.is_open:
            images.answer_question(
                work,
                scene.case_id,
                question_id=question.id,
                note=scene.stage.plan.foreign_image_note,
            )
