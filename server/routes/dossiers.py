"""Taking a dossier or an original out of the house: its own right, with a reason that is kept."""

from collections.abc import Iterator, Mapping

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.dossiers import service as dossiers
from consult.dossiers.model import Dossier
from consult.dossiers.pack import Part, zip_pieces
from consult.kernel.errors import ForbiddenError
from server.doors import Routes
from server.images.downloads import export_reason, plain_pieces, send_file, wrapped_keys
from server.keys import RULES, SEAL
from server.requests import path_id, signed_in
from server.transactions import in_read, in_unit

routes = Routes("dossiers")


@routes.get(
    "/api/cases/{case_id}/dossier",
    action=Action.EXPORT_DOSSIER,
    owns=ObjectType.CASE,
    takes_out=True,
)
async def export(request: web.Request) -> web.StreamResponse:
    """Everything about a case as one ZIP file, equal on both sides (RPT-09)."""
    case_id = path_id(request, "case_id")
    dossier = await in_read(
        request,
        dossiers.gather_dossier,
        case_id=case_id,
        seal=request.app[SEAL],
        lesions=request.app[RULES].lesions,
        second=request.app[RULES].second,
    )
    with_images = request.query.get("images") == "yes"
    reason = export_reason(request)
    if with_images:
        _require_originals(request)
    await in_unit(
        request,
        dossiers.note_export,
        case_id=case_id,
        dossier=dossier,
        reason=reason,
        with_images=with_images,
    )
    keys = await wrapped_keys(request.app, [image.blob for image in dossier.images])
    parts = _parts(request.app, dossier, keys if with_images else None)
    name = f"{dossier.number}.zip"
    return await send_file(request, zip_pieces(parts), name=name, content_type="application/zip")


@routes.get(
    "/api/cases/{case_id}/images/{image_id}/original",
    action=Action.DOWNLOAD_ORIGINAL,
    owns=ObjectType.CASE,
    takes_out=True,
)
async def original(request: web.Request) -> web.StreamResponse:
    """One stored DICOM object, exactly as it is kept."""
    case_id = path_id(request, "case_id")
    instance = await in_read(
        request, dossiers.find_original, case_id=case_id, image_id=path_id(request, "image_id")
    )
    reason = export_reason(request)
    await in_unit(
        request, dossiers.note_download, case_id=case_id, instance=instance, reason=reason
    )
    keys = await wrapped_keys(request.app, [instance.original])
    pieces = plain_pieces(request.app, instance.original, keys)
    name = f"{instance.uids.sop_instance_uid}.dcm"
    return await send_file(request, pieces, name=name, content_type="application/dicom")


def _parts(
    app: web.Application, dossier: Dossier, keys: Mapping[str, bytes] | None
) -> Iterator[Part]:
    """Files in the order of their names, then the images where they are taken along."""
    for name in sorted(dossier.files):
        yield name, [dossier.files[name]]
    if keys is not None:
        for image in dossier.images:
            yield image.name, plain_pieces(app, image.blob, keys)


def _require_originals(request: web.Request) -> None:
    """Images go along only with the right to take originals."""
    actor = signed_in(request).actor
    if not request.app[RULES].roles.permits(actor, Action.DOWNLOAD_ORIGINAL):
        raise ForbiddenError("role-not-allowed", action=Action.DOWNLOAD_ORIGINAL.value)
