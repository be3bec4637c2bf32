"""What a reader has seen: only pictures shown in full may be signed for (U7)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from consult.cases import service as cases
from consult.cases.corrections import service as corrections
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.kernel.errors import FieldProblem, NotFoundError, RefusedError
from consult.kernel.eyes import Eye
from consult.kernel.work import Entry, Work
from consult.queue import service as queue
from consult.reports import store
from consult.reports.forms import EyesAsked, ReportForm
from consult.reports.service_amend import is_answered, require_author
from consult.reports.tables import LookRow
from consult.reports.versions import Look

LONGEST_REASON = 200


def note_seen(work: Work, *, case_id: str, instance_id: str) -> Look:
    """The reader had this picture before her in full; written down once a person and picture."""
    case, image = _image_of(work, case_id, instance_id)
    if not image.instance.can_be_seen:
        raise NotFoundError
    row = _row(work, case, image)
    if row.seen_at is None or row.seen_at < changed_at(work, case).get(instance_id, row.seen_at):
        row.seen_at = work.now
        _journal(work, case, image, "image.seen")
    return store.save_look(work.session, row)


def leave_out(work: Work, *, case_id: str, instance_id: str, reason: str) -> Look:
    """Say why the report does not rest on a picture (未采用); without a reason it counts again.

    Raises RefusedError for a reason that is too long to be kept whole.
    """
    if len(reason.strip()) > LONGEST_REASON:
        raise RefusedError("field-too-long", field="reason", limit=LONGEST_REASON)
    case, image = _image_of(work, case_id, instance_id)
    if is_answered(case):
        require_author(work, case)
    else:
        queue.require_claim(work, case.id)
    row = _row(work, case, image)
    row.left_out_reason = reason.strip()
    kind = "image.left_out" if row.left_out_reason else "image.taken_back"
    _journal(work, case, image, kind, words={"reason": row.left_out_reason})
    return store.save_look(work.session, row)


def looks_of(work: Work, case_id: str) -> Mapping[str, Look]:
    """The reader's own looks at the pictures of a case, by instance."""
    return valid_looks(work, cases.get_case(work, case_id))


def valid_looks(work: Work, case: Case) -> Mapping[str, Look]:
    """The reader's looks; one before a picture was given another eye is none at that picture."""
    looks, changed = (
        store.looks_of(work.session, case.id, work.actor.person),
        changed_at(work, case),
    )
    return {
        key: replace(look, seen_at=None)
        if look.seen_at is not None and key in changed and look.seen_at < changed[key]
        else look
        for key, look in looks.items()
    }


def changed_at(work: Work, case: Case) -> Mapping[str, datetime]:
    """When something else was last said of a picture whose object stayed, by instance."""
    made = corrections.corrections_of(work, case.id)
    return {each.instance_id: each.at for each in made if each.is_in_place}


def relied_on(found: Iterable[CaseImage], looks: Mapping[str, Look]) -> list[CaseImage]:
    """The pictures and videos on which the report rests."""
    return [image for image in found if image.instance.can_be_seen and not _is_out(image, looks)]


def pictured_eyes(found: Iterable[CaseImage], looks: Mapping[str, Look]) -> frozenset[Eye]:
    """The eyes of which the report rests on a picture."""
    return frozenset(image.eye for image in relied_on(found, looks) if image.eye is not None)


def check_looks(
    form: ReportForm, found: Iterable[CaseImage], looks: Mapping[str, Look]
) -> list[FieldProblem]:
    """Every picture that still keeps the report from being signed."""
    used = relied_on(found, looks)
    problems = [
        FieldProblem(
            f"images.{image.instance.id}",
            "image-unseen",
            {
                "position": image.position,
                "eye": None if image.eye is None else f"term:eye.{image.eye.value}",
                "field": None if image.field is None else f"term:field_code.{image.field.value}",
            },
        )
        for image in used
        if (look := looks.get(image.instance.id)) is None or look.seen_at is None
    ]
    if not used and form.eyes is not EyesAsked.DESCRIBED:
        problems.append(FieldProblem("images", "images-none-used"))
    return problems


def _is_out(image: CaseImage, looks: Mapping[str, Look]) -> bool:
    look = looks.get(image.instance.id)
    return look is not None and bool(look.left_out_reason)


def _image_of(work: Work, case_id: str, instance_id: str) -> tuple[Case, CaseImage]:
    case = cases.get_case(work, case_id)
    for image in images.list_case_images(work, case.id):
        if image.instance.id == instance_id:
            return case, image
    raise NotFoundError


def _row(work: Work, case: Case, image: CaseImage) -> LookRow:
    return store.open_look(
        work.session, case_id=case.id, instance_id=image.instance.id, reader_id=work.actor.person
    )


def _journal(
    work: Work, case: Case, image: CaseImage, kind: str, words: Mapping[str, str] | None = None
) -> None:
    work.journal(
        Entry(
            kind,
            "instance",
            image.instance.id,
            codes={"image": image.id, "position": image.position},
            words=words or {},
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
