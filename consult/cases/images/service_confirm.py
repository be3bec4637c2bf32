"""Whose eye, which field: marked, proposed, and confirmed by one act (U2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.cases.images import store
from consult.cases.images.errors import (
    EyeMissingError,
    EyesChangedError,
    ImageConflictedError,
    ImageNotFoundError,
    SameBytesBothEyesError,
)
from consult.cases.images.model import WITHOUT_EYE, CaseImage
from consult.cases.images.sent import require_unsent
from consult.cases.images.service import get_open_case, list_case_images
from consult.cases.model import Case
from consult.cases.protocol import CaptureProtocol, FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.work import Entry, Work
from consult.studies import service as studies
from consult.studies.model import Instance, Origin
from consult.studies.service import Relabelled


@dataclass(frozen=True, slots=True)
class Said:
    """What a person saw or chose for one image."""

    image_id: str
    eye: Eye | None
    field: FieldCode | None


def mark_images(
    work: Work, case_id: str, *, image_ids: Sequence[str], eye: Eye | None, field: FieldCode | None
) -> None:
    """Mark eye, field or both of one image or many; they wait for confirming again."""
    case = get_open_case(work, case_id)
    images = _chosen(work, case.id, image_ids)
    require_unsent(work, case, [image.row for image in images])
    values: dict[str, object] = {"confirmed_at": None, "confirmed_by": None}
    if eye is not None:
        values["chosen_eye"] = eye
    if field is not None:
        values["chosen_field"] = field
    store.change_images(work.session, [image.id for image in images], **values)
    for image in images:
        codes = {"image": image.id, "eye": eye, "field": field}
        _journal(work, case, image, "image.marked", codes)


def plan_confirming(
    work: Work, case_id: str, *, said: Sequence[Said], protocol: CaptureProtocol | None
) -> list[tuple[Said, Instance]]:
    """The wrapped photographs whose header must carry the eye and field about to be confirmed."""
    case = get_open_case(work, case_id)
    images = _own_images(work, case_id, protocol=protocol)
    found = []
    for each in said:
        image = images.get(each.image_id)
        if image is None:
            raise ImageNotFoundError
        if image.instance.description.origin is Origin.PHOTOGRAPH and not _says(image, each):
            require_unsent(work, case, [image.row])
            found.append((each, image.instance))
    return found


def confirm_set(
    work: Work,
    case_id: str,
    *,
    said: Sequence[Said],
    relabelled: Sequence[Relabelled],
    protocol: CaptureProtocol | None,
) -> int:
    """Confirm by one act what the page showed; says how many images it confirmed.

    Raises EyesChangedError: what the page showed is not what is proposed now. Raises
    ImageConflictedError: an image whose sources differ is confirmed by itself.
    """
    case = get_open_case(work, case_id)
    images = _own_images(work, case_id, protocol=protocol)
    for each in said:
        image = images.get(each.image_id)
        if image is None or (image.eye, image.field) != (each.eye, each.field):
            raise EyesChangedError
        if image.is_conflicted and not image.is_confirmed:
            raise ImageConflictedError(image.position)
    return _confirm(work, case, images, said=said, relabelled=relabelled)


def confirm_alone(
    work: Work,
    case_id: str,
    *,
    said: Sequence[Said],
    relabelled: Sequence[Relabelled],
    protocol: CaptureProtocol | None,
) -> int:
    """Confirm what a person looked at by itself, against its sources if need be."""
    case = get_open_case(work, case_id)
    images = _own_images(work, case_id, protocol=protocol)
    if any(each.image_id not in images for each in said):
        raise ImageNotFoundError
    return _confirm(work, case, images, said=said, relabelled=relabelled)


def _confirm(
    work: Work,
    case: Case,
    images: Mapping[str, CaseImage],
    *,
    said: Sequence[Said],
    relabelled: Sequence[Relabelled],
) -> int:
    for each in said:
        _require_whole(images[each.image_id], each)
    changed = [images[each.image_id] for each in said if not _says(images[each.image_id], each)]
    require_unsent(work, case, [image.row for image in changed])
    _refuse_both_eyes(images, said)
    for change in relabelled:
        studies.replace_original(work, change, case_id=case.id)
    for each in said:
        _save(work, case, images[each.image_id], each)
    _learn_habit(work, case, images, said)
    return len(said)


def _save(work: Work, case: Case, image: CaseImage, said: Said) -> None:
    store.change_images(
        work.session,
        [image.id],
        eye=said.eye,
        field=said.field,
        chosen_eye=said.eye,
        chosen_field=said.field,
        confirmed_by=work.actor.practitioner_id,
        confirmed_at=work.now,
    )
    sources = {
        f"said_by_{source.value}": eye.value for source, eye in image.row.evidence.eyes.items()
    }
    codes = {
        "image": image.id,
        "eye": said.eye,
        "field": said.field,
        "proposed_eye": image.proposal.eye,
        "proposed_by": image.proposal.eye_source,
        "field_proposed_by": image.proposal.field_source,
        **sources,
    }
    _journal(work, case, image, "image.confirmed", codes)


def _require_whole(image: CaseImage, said: Said) -> None:
    if said.field is None or (said.eye is None and said.field not in WITHOUT_EYE):
        raise EyeMissingError(image.position)


def _refuse_both_eyes(images: Mapping[str, CaseImage], said: Sequence[Said]) -> None:
    """One picture is never both eyes, under whatever number it came."""
    now = {each.image_id: each.eye for each in said}
    seen: dict[str, Eye] = {}
    for image in images.values():
        eye = now.get(image.id, image.eye if image.is_confirmed else None)
        if eye is None:
            continue
        if seen.setdefault(image.instance.source_sha256, eye) is not eye:
            raise SameBytesBothEyesError(image.position)


def _learn_habit(
    work: Work, case: Case, images: Mapping[str, CaseImage], said: Sequence[Said]
) -> None:
    """Remember which eye this institution photographs first, when a set of both was confirmed."""
    confirmed = {each.image_id: each.eye for each in said if each.eye is not None}
    if len(set(confirmed.values())) == len(Eye):
        first = min((images[image_id] for image_id in confirmed), key=lambda image: image.position)
        store.save_first_eye(work.session, case.institution_id, confirmed[first.id] or Eye.RIGHT)


def _says(image: CaseImage, said: Said) -> bool:
    """Whether the stored header already carries this eye and field."""
    row = image.row
    return row.was_confirmed and (row.eye, row.field) == (said.eye, said.field)


def _own_images(
    work: Work, case_id: str, *, protocol: CaptureProtocol | None = None
) -> dict[str, CaseImage]:
    """The case's own pictures: an earlier exam's were confirmed where they were taken."""
    found = list_case_images(work, case_id, protocol=protocol)
    return {image.id: image for image in found if not image.row.is_recognised}


def _chosen(work: Work, case_id: str, image_ids: Sequence[str]) -> list[CaseImage]:
    images = _own_images(work, case_id)
    if not set(image_ids) <= set(images):
        raise ImageNotFoundError
    return [images[image_id] for image_id in dict.fromkeys(image_ids)]


def _journal(
    work: Work, case: Case, image: CaseImage, kind: str, codes: Mapping[str, str | None]
) -> None:
    work.journal(
        Entry(
            kind,
            "instance",
            image.instance.id,
            codes=codes,
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
