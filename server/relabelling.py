"""Wrapped photographs made anew in the jail: with their confirmed eye, or for another patient."""

import os
from collections.abc import Mapping, Sequence

from aiohttp import web

from consult.blobs.store import BlobRef
from consult.cases.images.labels import Labels
from consult.cases.images.service_confirm import Said
from consult.studies.model import Instance
from consult.studies.service import Refiled, Relabelled
from server.imagery import IMAGERY
from server.imagestore import in_memory, save_file, wrapped_key_of
from server.intake_file import person_params, uid_params
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
        uids = labels.uids_of(instance.source_sha256)
        params = person_params(labels) | uid_params(uids)
        original = await _make(app, instance, params, ledger=ledger)
        made[instance.id] = Refiled(instance.id, uids, instance.original.key, original)
    return made


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
