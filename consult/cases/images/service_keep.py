"""A photograph is kept against the advice of the automatic check, for a reason (IMG-07)."""

from consult.cases.images import store
from consult.cases.images.errors import ImageNotFoundError, NothingToKeepError
from consult.cases.images.model import CaseImage, KeepReason
from consult.cases.images.service import get_open_case, list_case_images
from consult.cases.model import Case
from consult.kernel.work import Entry, Work


def keep_image(work: Work, case_id: str, *, image_id: str, reason: KeepReason | None) -> None:
    """Say why the photograph stays, or with no reason take that back.

    Raises NothingToKeepError: nothing speaks against it.
    """
    case = get_open_case(work, case_id)
    image = next((each for each in list_case_images(work, case.id) if each.id == image_id), None)
    if image is None:
        raise ImageNotFoundError
    if reason is not None and not image.needs_another:
        raise NothingToKeepError
    store.change_images(
        work.session,
        [image.id],
        kept_for=reason,
        kept_by=None if reason is None else work.actor.practitioner_id,
        kept_at=None if reason is None else work.now,
    )
    _journal(work, case, image, reason)


def _journal(work: Work, case: Case, image: CaseImage, reason: KeepReason | None) -> None:
    check = image.instance.description.quality
    faults = "" if check is None else " ".join(each.fault for each in check.findings)
    codes = {
        "image": image.id,
        "reason": reason,
        "faults": faults,
        "rules": None if check is None else check.version,
    }
    work.journal(
        Entry(
            "image.quality_kept" if reason is not None else "image.quality_kept_dropped",
            "instance",
            image.instance.id,
            codes=codes,
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
