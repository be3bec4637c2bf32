"""The images of a case: what is there, what is asked, what still stops the submission."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.cases import store as case_store
from consult.cases.images import doubts, excuses, listing, store
from consult.cases.images.errors import (
    CaseNotOpenForImagesError,
    EyeAbsentInPartError,
    QuestionAnsweredError,
)
from consult.cases.images.listing import by_standing
from consult.cases.images.model import CaseImage, ImageQuestion
from consult.cases.model import Case, CaseStatus
from consult.cases.protocol import (
    CaptureException,
    CaptureProtocol,
    FieldCode,
    MissingField,
    NoImageReason,
    TakenImage,
    eye_statuses,
    missing_fields,
)
from consult.kernel.errors import FieldProblem, NotFoundError
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.studies.conflicts import Conflict, list_open_conflicts, settle_conflict
from consult.studies.uploads import service as uploads
from consult.studies.uploads.model import NewUpload, Upload, UploadLimits

OPEN_FOR_IMAGES = frozenset({CaseStatus.DRAFT, CaseStatus.RETURNED})
note_opening = doubts.note_opening
list_case_images = listing.list_case_images
list_every_image = listing.list_every_image
list_unsent = listing.list_unsent


@dataclass(frozen=True, slots=True)
class ImageSet:
    """Everything about the images of one case."""

    case: Case
    protocol: CaptureProtocol | None
    images: Sequence[CaseImage]
    questions: Sequence[ImageQuestion]
    conflicts: Sequence[Conflict]
    excuses: Sequence[CaptureException]
    missing: Sequence[MissingField]
    running: Sequence[Upload]
    asked: Sequence[Upload]
    replaced: Sequence[CaseImage] = ()

    @property
    def is_editable(self) -> bool:
        """Whether images may still be added and changed."""
        return self.case.status in OPEN_FOR_IMAGES


def hold_case(work: Work, case_id: str) -> None:
    """Let nobody step the case while this unit works with its pictures; policy is asked after."""
    store.hold_case(work.session, case_id)


def get_own_case(work: Work, case_id: str) -> Case:
    """A case of the acting institution."""
    policy.require_own(work, Ref(ObjectType.CASE, case_id))
    case = case_store.find_case(work, case_id)
    if case is None:
        raise NotFoundError
    return case


def get_open_case(work: Work, case_id: str) -> Case:
    """A case whose images may be changed, held against a submission at the same moment.

    Raises CaseNotOpenForImagesError: it is under way.
    """
    store.hold_case(work.session, case_id)
    case = get_own_case(work, case_id)
    if case.status not in OPEN_FOR_IMAGES:
        raise CaseNotOpenForImagesError(case.status)
    return case


def open_upload(work: Work, new: NewUpload, *, case_id: str, limits: UploadLimits) -> Upload:
    """Begin to send a file for this case; asked again with the same key it is the same upload."""
    case = get_open_case(work, case_id)
    return uploads.open_upload(work, new, case_id=case.id, limits=limits)


def get_set(
    work: Work,
    case_id: str,
    *,
    protocol: CaptureProtocol | None,
) -> ImageSet:
    """The whole set with its questions and gaps, for the institution that prepares the case."""
    case = get_own_case(work, case_id)
    images, replaced = by_standing(list_every_image(work, case_id, protocol=protocol))
    excused = excuses.list_excuses(work, case_id)
    return ImageSet(
        case=case,
        protocol=protocol,
        images=images,
        questions=doubts.list_questions(work, case_id, [image.row for image in images]),
        conflicts=list_open_conflicts(work, [case_id]),
        excuses=excused,
        missing=_missing(protocol, images, excused),
        running=uploads.list_running(work, case_id),
        asked=uploads.list_asked(work, case_id),
        replaced=replaced,
    )


def get_readers_set(work: Work, case: Case) -> ImageSet:
    """The images as another institution sees them, with what could not be photographed.

    What is asked and still missing is not its concern.
    """
    images, replaced = by_standing(list_every_image(work, case.id))
    excused = excuses.list_excuses(work, case.id)
    return ImageSet(case, None, images, (), (), excused, (), (), (), replaced)


def list_excuses(work: Work, case_id: str) -> list[CaptureException]:
    """What could not be photographed and why, for whoever may see the case."""
    policy.require_seen(work, Ref(ObjectType.CASE, case_id))
    return excuses.list_excuses(work, case_id)


def blockers(
    work: Work,
    *,
    case: Case,
    protocol: CaptureProtocol | None,
    needs_images: bool = True,
) -> list[FieldProblem]:
    """What about the images still stops the submission; the case is held until the unit ends."""
    store.hold_case(work.session, case.id)
    found = get_set(work, case.id, protocol=protocol)
    return gaps_of(found, needs_images=needs_images)


def gaps_of(found: ImageSet, *, needs_images: bool = True) -> list[FieldProblem]:
    """What a set of images still lacks before its case can be submitted."""
    problems = [FieldProblem("images", code, {"count": count}) for code, count in _counted(found)]
    if not found.images and needs_images:
        problems.append(FieldProblem("images", "images-none"))
    problems += [
        FieldProblem("images", "absent-eye-photographed", {"eye": f"term:eye.{eye}"})
        for eye in eye_statuses(found.excuses)
        if any(image.eye is eye for image in found.images)
    ]
    return problems + [
        FieldProblem(
            f"images.{gap.eye}.{gap.field}",
            "image-missing",
            {"eye": f"term:eye.{gap.eye}", "field": f"term:field_code.{gap.field}"},
        )
        for gap in found.missing
    ]


def answer_question(work: Work, case_id: str, *, question_id: str, note: str) -> None:
    """A person says that the images in doubt are this patient's.

    Raises QuestionAnsweredError: somebody was first.
    """
    case = get_open_case(work, case_id)
    if doubts.save_answer(work, case, question_id=question_id, note=note) is None:
        raise QuestionAnsweredError


def settle(work: Work, case_id: str, *, conflict_id: str, reason: str) -> None:
    """A person keeps the stored object of a conflict."""
    case = get_open_case(work, case_id)
    settle_conflict(work, conflict_id=conflict_id, case_id=case.id, reason=reason)


def excuse_field(work: Work, case_id: str, *, excuse: CaptureException) -> None:
    """A field, or a whole eye, could not be photographed; raises EyeAbsentInPartError."""
    if excuse.reason is NoImageReason.EYE_ABSENT and excuse.field is not None:
        raise EyeAbsentInPartError
    excuses.save_excuse(work, get_open_case(work, case_id), excuse)


def drop_excuse(work: Work, case_id: str, *, eye: Eye, field: FieldCode | None) -> None:
    """It can be photographed after all."""
    excuses.drop_excuse(work, get_open_case(work, case_id), eye=eye, field=field)


def studies_of(work: Work, case_id: str) -> list[str]:
    """The studies in which the images of a case lie: what a submission grants."""
    return store.study_ids(work.session, case_id)


def _missing(
    protocol: CaptureProtocol | None,
    images: Sequence[CaseImage],
    excused: Sequence[CaptureException],
) -> tuple[MissingField, ...]:
    """Gaps of the protocol; a proposal fills one too, as unconfirmed images block anyway."""
    if protocol is None:
        return ()
    taken = [
        TakenImage(image.eye, image.field)
        for image in images
        if image.eye is not None and image.field is not None and image.instance.has_picture
    ]
    return missing_fields(protocol, images=taken, exceptions=excused)


def _counted(found: ImageSet) -> list[tuple[str, int]]:
    counts = (
        ("eyes-unconfirmed", sum(image.needs_confirming for image in found.images)),
        ("image-questions-open", sum(question.is_open for question in found.questions)),
        ("image-conflicts-open", len(found.conflicts)),
        ("uploads-running", len(found.running)),
        ("uploads-asked", len(found.asked)),
    )
    return [(code, count) for code, count in counts if count]


def count_images(work: Work, case_ids: Collection[str]) -> dict[str, int]:
    """How many images each of these cases has; for a list whose cases policy has let through."""
    return store.count_by_case(work.session, case_ids)
