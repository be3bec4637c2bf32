"""Pictures of another patient: struck out here, copied into that patient's draft, both kept.

The same object in another case of the wrong patient is struck out there as well: it is no more his
there than here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.cases import store as case_store
from consult.cases.corrections import store
from consult.cases.corrections.errors import NotAnotherPatientError
from consult.cases.corrections.model import (
    Correction,
    CorrectionKind,
    Made,
    Making,
    PatientWish,
)
from consult.cases.corrections.service import (
    After,
    get_sent_case,
    keep_correction,
    sent_image,
    tell,
)
from consult.cases.drafts import require_reason
from consult.cases.images import doubts, service_move
from consult.cases.images import service as images
from consult.cases.images import store as image_store
from consult.cases.images.errors import CaseNotOpenForImagesError
from consult.cases.images.labels import labels_of
from consult.cases.images.model import CaseImage, ImageRules, NewImage
from consult.cases.images.service_move import Target
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import Entry, Work
from consult.people.patients.names import NameRules
from consult.studies import corrections as studies
from consult.studies.errors import InstanceChangedError
from consult.studies.model import Instance, Origin


@dataclass(frozen=True, slots=True)
class _Checked:
    case: Case
    target: Case | None
    found: Sequence[CaseImage]
    reason: str


def list_targets(work: Work, case: Case) -> list[Target]:
    """The open drafts of the institution's other patients, the newest first."""
    found = service_move.list_targets(work, case.id)
    return [target for target in found if target.patient.id != case.patient_id]


def plan_patient(work: Work, wish: PatientWish, *, names: NameRules) -> list[Making]:
    """The objects to be copied, a wrapped photograph with the labels of the right patient."""
    checked = _check(work, wish)
    if checked.target is None:
        return []
    labels = labels_of(work, checked.target, names=names)
    makings = []
    for image in checked.found:
        source = image.instance
        if source.description.origin is Origin.PHOTOGRAPH:
            uids = labels.uids_of(source.source_sha256, modality=source.description.modality)
            makings.append(Making(source, uids, None, None, labels=labels))
        else:
            makings.append(Making(source, source.uids, None, None, labels=None))
    return makings


def correct_patient(
    work: Work, wish: PatientWish, *, made: Made, rules: ImageRules
) -> list[Correction]:
    """Strike pictures out as another patient's, and put copies into that patient's draft.

    There they are doubted and confirmed anew. Raises NotAnotherPatientError where the draft is
    not another patient's, or not open any more.
    """
    checked = _check(work, wish)
    corrections = []
    for image in checked.found:
        copied = None
        if checked.target is not None:
            copied = _copy(work, checked, image, made=made, rules=rules)
        corrections.append(_strike_out(work, checked, image, copied))
    tell(work, checked.case, corrections, reason=checked.reason)
    _strike_out_elsewhere(work, checked)
    return corrections


def _check(work: Work, wish: PatientWish) -> _Checked:
    held = {wish.case_id} | ({wish.to_case_id} if wish.to_case_id else set())
    for case_id in sorted(held):  # in one order, so that two corrections never wait for each other
        image_store.hold_case(work.session, case_id)
    case = get_sent_case(work, wish.case_id, revision=wish.revision)
    if not wish.image_ids:
        raise RefusedError("images-none-chosen", field="image_ids")
    found = [sent_image(work, case, each) for each in dict.fromkeys(wish.image_ids)]
    return _Checked(case, _target(work, case, wish), found, require_reason(wish.reason))


def _target(work: Work, case: Case, wish: PatientWish) -> Case | None:
    if wish.to_case_id is None:
        return None
    try:
        target = images.get_open_case(work, wish.to_case_id)
    except (NotFoundError, CaseNotOpenForImagesError):
        raise NotAnotherPatientError from None
    is_same_place = target.institution_id == case.institution_id
    if not is_same_place or target.patient_id == case.patient_id:
        raise NotAnotherPatientError
    return target


@dataclass(frozen=True, slots=True)
class _Copied:
    instance: Instance
    image_id: str


def _copy(
    work: Work, checked: _Checked, image: CaseImage, *, made: Made, rules: ImageRules
) -> _Copied:
    """The picture in the right patient's draft, where it may stand already."""
    target, derived = checked.target, made.get(image.instance.id)
    if target is None or derived is None:
        raise InstanceChangedError(image.instance.id)
    new = studies.derive_instance(work, derived, patient_id=target.patient_id, case_id=target.id)
    known = image_store.find_image(work, case_id=target.id, instance_id=new.id)
    if known is None or known.is_removed:
        asked = doubts.raise_doubts(
            work,
            target,
            new,
            rules=rules,
            clock_offset_s=image.row.evidence.clock_offset_s,
            is_again=known is not None,
        )
        row = NewImage(new.id, image.row.file_name, image.row.evidence, tuple(asked))
        image_id = image_store.save_image(work, row, case_id=target.id, removed=known)
        chosen = {"chosen_eye": image.row.eye, "chosen_field": image.row.field}
        image_store.change_images(work.session, [image_id], **chosen)
    else:
        image_id = known.id
    work.journal(
        Entry(
            "image.brought",
            "instance",
            new.id,
            codes={
                "image": image_id,
                "from_case": checked.case.id,
                "from_instance": image.instance.id,
            },
            words={"reason": checked.reason},
            case_id=target.id,
            patient_id=target.patient_id,
        )
    )
    return _Copied(new, image_id)


def _strike_out(
    work: Work, checked: _Checked, image: CaseImage, copied: _Copied | None
) -> Correction:
    new_id = None if copied is None else copied.instance.id
    image_store.change_images(work.session, [image.id], removed_at=work.now)
    studies.withdraw_instance(work, image.instance.id, new_id)
    after = After(
        CorrectionKind.WRONG_PATIENT,
        new_id,
        to_case_id=None if checked.target is None else checked.target.id,
        to_image_id=None if copied is None else copied.image_id,
    )
    return keep_correction(work, image, after)


def _strike_out_elsewhere(work: Work, checked: _Checked) -> None:
    ids = {image.instance.id for image in checked.found}
    by_case: dict[str, list[str]] = {}
    for case_id, image_id in store.cases_naming(work.session, ids, but=checked.case.id):
        by_case.setdefault(case_id, []).append(image_id)
    for case_id, image_ids in sorted(by_case.items()):
        image_store.hold_case(work.session, case_id)
        case = case_store.find_case(work, case_id)
        if case is None:
            raise NotFoundError
        shown = {image.id: image for image in images.list_every_image(work, case_id)}
        done = []
        for image in (shown[each] for each in image_ids if each in shown):
            image_store.change_images(work.session, [image.id], removed_at=work.now)
            after = After(CorrectionKind.WRONG_PATIENT, image.instance.successor_id)
            done.append(keep_correction(work, image, after))
        if done:
            tell(work, case, done, reason=checked.reason)
