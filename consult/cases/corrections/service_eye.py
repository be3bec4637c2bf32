"""A picture of the wrong eye or field: what is said of it changes, what was relied on stays."""

from consult.cases.corrections.errors import NothingCorrectedError
from consult.cases.corrections.model import Correction, CorrectionKind, EyeWish, Made, Making
from consult.cases.corrections.service import (
    After,
    get_sent_case,
    keep_correction,
    pictures_elsewhere,
    sent_image,
    tell,
)
from consult.cases.drafts import require_reason
from consult.cases.images import service as images
from consult.cases.images import store as image_store
from consult.cases.images.errors import EyeMissingError, SameBytesBothEyesError
from consult.cases.images.labels import corrected_uids
from consult.cases.images.model import WITHOUT_EYE, CaseImage
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.studies import corrections as studies
from consult.studies.errors import InstanceChangedError
from consult.studies.model import Instance, Origin


def plan_eye(work: Work, wish: EyeWish) -> list[Making]:
    """What must be made before: a photograph that we wrapped carries its eye in the header.

    A foreign object keeps its bytes, so that nothing is made of it.
    """
    _case, image, _reason = _checked(work, wish)
    source = image.instance
    if source.description.origin is not Origin.PHOTOGRAPH:
        return []
    return [Making(source, corrected_uids(source), wish.eye, wish.field, labels=None)]


def correct_eye(work: Work, wish: EyeWish, *, made: Made) -> Correction:
    """Give a picture its right eye and field; the object as it was relied on is kept beside it.

    Raises NothingCorrectedError where both are what they were, SameBytesBothEyesError where one
    picture would be both eyes.
    """
    case, image, reason = _checked(work, wish)
    shown = _shown_from_now(work, case, image, made)
    image_store.change_images(
        work.session,
        [image.id],
        instance_id=shown.id,
        eye=wish.eye,
        field=wish.field,
        chosen_eye=wish.eye,
        chosen_field=wish.field,
        confirmed_by=work.actor.practitioner_id,
        confirmed_at=work.now,
    )
    after = After(CorrectionKind.WRONG_EYE, shown.id, wish.eye, wish.field)
    correction = keep_correction(work, image, after)
    tell(work, case, [correction], reason=reason)
    _correct_where_recognised(work, case, image, shown, wish)
    return correction


def _correct_where_recognised(
    work: Work, case: Case, image: CaseImage, shown: Instance, wish: EyeWish
) -> None:
    """A case that rests on the picture by recognition (IMG-12) has it as it is from now on."""
    for other, found in pictures_elsewhere(work, [image.instance.id], but=case.id):
        done = []
        for each in (one for one in found if one.row.is_recognised):
            image_store.change_images(
                work.session,
                [each.id],
                instance_id=shown.id,
                eye=wish.eye,
                field=wish.field,
                chosen_eye=wish.eye,
                chosen_field=wish.field,
            )
            after = After(CorrectionKind.WRONG_EYE, shown.id, wish.eye, wish.field)
            done.append(keep_correction(work, each, after))
        if done:
            tell(work, other, done, reason="")


def _checked(work: Work, wish: EyeWish) -> tuple[Case, CaseImage, str]:
    case = get_sent_case(work, wish.case_id, revision=wish.revision)
    image = sent_image(work, case, wish.image_id)
    reason = require_reason(wish.reason)
    if wish.eye is None and wish.field not in WITHOUT_EYE:
        raise EyeMissingError(image.position)
    if (image.row.eye, image.row.field) == (wish.eye, wish.field):
        raise NothingCorrectedError
    for other in images.list_case_images(work, case.id):
        is_same_picture = other.instance.source_sha256 == image.instance.source_sha256
        if other.id != image.id and is_same_picture and other.row.eye is not wish.eye:
            raise SameBytesBothEyesError(image.position)
    return case, image, reason


def _shown_from_now(work: Work, case: Case, image: CaseImage, made: Made) -> Instance:
    source = image.instance
    if source.description.origin is not Origin.PHOTOGRAPH:
        return source
    derived = made.get(source.id)
    if derived is None:
        raise InstanceChangedError(source.id)
    new = studies.derive_instance(work, derived, patient_id=source.patient_id, case_id=case.id)
    studies.name_successor(work, source.id, new.id)
    return new
