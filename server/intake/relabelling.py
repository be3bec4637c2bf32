"""Wrapped photographs made anew in the jail: with their confirmed eye, or for another patient."""

import os
from collections.abc import Mapping, Sequence

from aiohttp import web

from consult.blobs.store import BlobRef
from consult.cases.corrections.model import Making
from consult.cases.images.labels import Labels
from consult.cases.images.service_confirm import Said
from consult.kernel.ids import InstanceId
from consult.studies.corrections import Derived
from consult.studies.model import Instance, Origin, Part
from consult.studies.service import Refiled, Relabelled
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory, save_file, wrapped_key_of
from server.intake.labelling import person_params, uid_params
from server.keys import JAIL
from server.threads import in_thread

Params = Mapping[str, str | None]


async def relabel_all(
    app: web.Application, plan: Sequence[tuple[Said, Instance]], *, ledger: str
) -> list[Relabelled]:
    """The photographs with eye and field in their headers, stored beside the present ones."""
    made = []
    for said, instance in plan:
        laterality = None if said.eye is None else said.eye.laterality
        field = None if said.field is None else said.field.value
        params = {"laterality": laterality, "field": field}
        original = await _make(app, instance, params, ledger=ledger)
        made.append(Relabelled(instance.id, instance.original.key, original, laterality))
    return made


async def refile_all(
    app: web.Application, photographs: Sequence[Instance], labels: Labels, *, ledger: str
) -> dict[str, Refiled]:
    """The photographs for another case: its patient, its study, and no eye until confirmed."""
    made: dict[str, Refiled] = {}
    for instance in photographs:
        told = instance.description
        uids = labels.uids_of(instance.source_sha256, modality=told.modality)
        params = person_params(labels) | uid_params(uids)
        original = await _make(app, instance, params, ledger=ledger)
        made[instance.id] = Refiled(instance.id, uids, instance.original.key, original)
    return made


async def make_corrected(
    app: web.Application, makings: Sequence[Making], *, ledger: str
) -> dict[InstanceId, Derived]:
    """The corrected objects, stored beside those that were relied on, which stay as they are.

    A photograph that we wrapped names eye, patient and identity anew; a foreign object is copied.
    """
    made: dict[InstanceId, Derived] = {}
    for making in makings:
        source = making.source
        blobs = {part: await _copy(app, blob, ledger=ledger) for part, blob in _drawn(source)}
        laterality = source.description.laterality
        if source.description.origin is Origin.PHOTOGRAPH:
            laterality = None if making.eye is None else making.eye.laterality
            original = await _make(app, source, _corrected(making), ledger=ledger)
        else:
            original = await _copy(app, source.original, ledger=ledger)
        blobs[Part.ORIGINAL] = original
        made[source.id] = Derived(source.id, source.original.key, making.uids, blobs, laterality)
    return made


def _drawn(source: Instance) -> list[tuple[Part, BlobRef]]:
    return [(part, blob) for part, blob in source.blobs.items() if part is not Part.ORIGINAL]


def _corrected(making: Making) -> Params:
    params: dict[str, str | None] = {
        "laterality": None if making.eye is None else making.eye.laterality,
        "field": None if making.field is None else making.field.value,
    }
    person = {} if making.labels is None else person_params(making.labels)
    return params | person | uid_params(making.uids)


async def _copy(app: web.Application, blob: BlobRef, *, ledger: str) -> BlobRef:
    """The same bytes once more, under a key of their own."""
    wrapped_key = await wrapped_key_of(app, blob.institution_id)
    async with in_memory(app, blob) as plain:
        return await save_file(
            app, plain, institution_id=blob.institution_id, wrapped_key=wrapped_key, ledger=ledger
        )


async def _make(
    app: web.Application, instance: Instance, params: Params, *, ledger: str
) -> BlobRef:
    wrapped_key = await wrapped_key_of(app, instance.institution_id)
    scratch = await in_thread(app[IMAGERY].spool.make_scratch)
    try:
        async with in_memory(app, instance.original) as plain:
            await app[JAIL].run("relabel", params, inputs=[plain], outputs=[scratch])
        return await save_file(
            app,
            scratch,
            institution_id=instance.institution_id,
            wrapped_key=wrapped_key,
            ledger=ledger,
        )
    finally:
        os.close(scratch)
