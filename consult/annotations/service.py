"""Keeping and finding what readers draw; who may write is asked by whoever knows of reports."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from consult.access.model import ObjectType
from consult.annotations import store
from consult.annotations.content import content_of, drawing_of, hash_of
from consult.annotations.errors import MarksMovedOnError
from consult.annotations.model import NO_REVISION, Canvas, Drawing, Lesions, Mark, Revision, Sheet
from consult.annotations.reading import Given, parse_drawing, parse_region
from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.cases.recognition import service as recognition
from consult.kernel.work import Entry, Work


def own_sheet(work: Work, case: Case) -> Sheet:
    """The actor's own sheet; revision 0 and empty where she has saved none."""
    found = store.find_sheet(work.session, case.id, work.actor.person)
    return make_blank_sheet(work, case) if found is None else found


def sheet_as_of_now(work: Work, case: Case) -> Sheet | None:
    """What would be signed of the actor's marks: each with the eye that its picture has by now.

    None where nothing stands on her sheet.
    """
    own, canvases = own_sheet(work, case), canvases_of(work, case)
    if own.drawing == Drawing():
        return None
    marks = tuple(
        replace(mark, eye=canvases[mark.image_id].eye) if mark.image_id in canvases else mark
        for mark in own.drawing.marks
    )
    drawing = replace(own.drawing, marks=marks)
    content = content_of(drawing)
    return replace(own, drawing=drawing, content=content, sha256=hash_of(content))


def own_revision(work: Work, case: Case, revision: int) -> Sheet | None:
    """The actor's own sheet as it was in an earlier saving, where that is still kept."""
    return store.find_revision(work.session, case.id, work.actor.person, revision)


def list_own_revisions(work: Work, case: Case) -> list[Revision]:
    """The savings of the actor's own sheet that are kept, the newest first."""
    return store.list_revisions(work.session, case.id, work.actor.person)


def list_panel_sheets(work: Work, case: Case) -> list[Sheet]:
    """The current sheets of the other readers, for their colleagues on the case's panel alone."""
    if case.panel_id is None or case.panel_id not in work.actor.panel_ids:
        return []
    found = store.list_sheets(work.session, case.id)
    return [sheet for sheet in found if sheet.reader_id != work.actor.practitioner_id]


def save_sheet(
    work: Work,
    case: Case,
    *,
    revision: int,
    told: Mapping[str, object],
    lesions: Lesions,
) -> Sheet:
    """Keep the actor's whole sheet as the revision after `revision`.

    Raises FormRefusedError with every field that is wrong, MarksMovedOnError when the sheet was
    saved elsewhere since; nothing is stored then.
    """
    given = Given(canvases_of(work, case), lesions)
    drawing = parse_drawing(told.get("marks"), told.get("key_images"), given=given)
    return _keep(work, case, drawing, revision=revision)


def put_back(work: Work, case: Case, content: bytes | None) -> None:
    """Make the actor's sheet again what was signed; an amendment was given up."""
    own = own_sheet(work, case)
    drawing = Drawing() if content is None else drawing_of(content)
    if own.drawing != drawing:
        _keep(work, case, drawing, revision=own.revision)


def read_region(
    work: Work, *, case_id: str, told: Mapping[str, object], lesions: Lesions
) -> tuple[CaseImage, Mark]:
    """A shape on a picture of a case that the actor may see; raises FormRefusedError."""
    case = cases.get_case(work, case_id)
    drawable = _drawable(work, case)
    mark = parse_region(told, given=Given(_canvases(drawable), lesions))
    return drawable[mark.image_id], mark


def make_blank_sheet(work: Work, case: Case) -> Sheet:
    """Nothing was drawn yet."""
    empty = content_of(Drawing())
    return Sheet(
        case_id=case.id,
        reader_id=work.actor.person,
        revision=NO_REVISION,
        saved_at=None,
        sha256=hash_of(empty),
        content=empty,
        drawing=Drawing(),
    )


def marked_canvases(work: Work, case: Case) -> dict[str, Canvas]:
    """The pictures of the case in capture order, with those that a retake replaced since."""
    return _canvases(_shown(work, case, images.list_every_image(work, case.id)))


def canvases_of(work: Work, case: Case) -> dict[str, Canvas]:
    """The pictures of the case on which this reader may draw."""
    return _canvases(_drawable(work, case))


def _keep(work: Work, case: Case, drawing: Drawing, *, revision: int) -> Sheet:
    content = content_of(drawing)
    sheet = Sheet(
        case_id=case.id,
        reader_id=work.actor.person,
        revision=revision + 1,
        saved_at=work.now,
        sha256=hash_of(content),
        content=content,
        drawing=drawing,
    )
    if not store.save_sheet(work.session, sheet):
        raise MarksMovedOnError(case.id, have=own_sheet(work, case).revision)
    _journal(work, case, sheet)
    return sheet


def _drawable(work: Work, case: Case) -> dict[str, CaseImage]:
    return _shown(work, case, images.list_case_images(work, case.id))


def _shown(work: Work, case: Case, found: Sequence[CaseImage]) -> dict[str, CaseImage]:
    """What has a picture and is shared with this reader."""
    shut = recognition.closed_images(work, case.id, found) | images.list_unsent(work, case, found)
    return {
        image.id: image for image in found if image.instance.has_picture and image.id not in shut
    }


def _canvases(drawable: Mapping[str, CaseImage]) -> dict[str, Canvas]:
    return {
        image_id: Canvas(
            image_id=image_id,
            columns=image.instance.description.columns or 0,
            rows=image.instance.description.rows or 0,
            frames=image.instance.description.frames,
            eye=image.eye,
        )
        for image_id, image in drawable.items()
    }


def _journal(work: Work, case: Case, sheet: Sheet) -> None:
    work.journal(
        Entry(
            "marks.saved",
            ObjectType.CASE,
            case.id,
            codes={
                "revision": sheet.revision,
                "sha256": sheet.sha256,
                "marks": len(sheet.drawing.marks),
                "key_images": len(sheet.drawing.key_images),
            },
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
