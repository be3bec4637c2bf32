"""The images of a case on the page and as JSON: ready text, in the order of capture."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from consult.cases.images import service as images
from consult.cases.images import service_move
from consult.cases.images.model import CaseImage, ImageQuestion, QuestionKind
from consult.cases.images.service import ImageSet
from consult.cases.images.service_move import Target
from consult.cases.model import Case
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.studies.model import CapturedSource, Likeness
from consult.studies.uploads.model import FileResult, FileVerdict, Upload, UploadState
from server.errors import sentence
from server.i18n import N_
from server.image_rules import ImageBook, eye_status_of
from server.keys import LANGUAGES, RULES
from server.moments import format_moment
from server.requests import language, signed_in
from server.views.pictures import urls_of
from server.views.sign_in import as_json

__all__ = ["as_json"]

_VERDICTS = {
    FileVerdict.KNOWN: "accepted",
    FileVerdict.CONFLICT: "conflict",
    FileVerdict.ASKED: "question",
    FileVerdict.REFUSED: "rejected",
}
_STATES = {
    UploadState.RECEIVING: "received",
    UploadState.RECEIVED: "received",
    UploadState.WORKING: "working",
    UploadState.ASKED: "done",
    UploadState.DONE: "done",
    UploadState.REFUSED: "refused",
}
_QUESTIONS = {
    QuestionKind.OTHER_NAME: N_(
        "These DICOM images name another patient: {named}. The banner says {banner}. "
        "Do they belong to {banner}?"
    ),
    QuestionKind.OTHER_WINDOW: N_(
        "This set was taken at {moment}, when {named} was the current patient. "
        "Does it belong to {banner}?"
    ),
    QuestionKind.OWN_WINDOW: N_(
        "This set was taken at {moment}, when this case was not open. Does it belong to {banner}?"
    ),
}


class View(BaseModel):
    """The parent of every view here."""

    model_config = ConfigDict(frozen=True)


class FileAnswer(View):
    """What became of one file."""

    name: str
    verdict: str
    sentence: str
    instance_id: str | None


class UploadResult(View):
    """What became of an upload."""

    id: str
    status: str
    sentence: str
    files: list[FileAnswer]


class ImageView(View):
    """One image with its picture, its proposal or its confirmed eye, and what is odd about it."""

    id: str
    instance_id: str
    position: int
    file_name: str
    alt: str
    thumbnail_url: str
    preview_url: str
    full_url: str
    has_picture: bool
    eye: str | None
    eye_text: str
    field: str | None
    field_text: str
    state: str
    state_text: str
    captured_text: str
    remarks: list[str]


class LackView(View):
    """A photograph that the protocol asks for, or an excuse for one."""

    eye: str
    field: str | None
    text: str


class QuestionView(View):
    """One question about the set."""

    id: str
    sentence: str
    banner: str
    is_open: bool


class ChoiceView(View):
    """A code with its words."""

    code: str
    text: str


class SaidView(View):
    """What one act would confirm of an image."""

    id: str
    eye: str | None
    field: str | None


class CaseImagesView(View):
    """Everything about the images of one case."""

    case_id: str
    is_editable: bool
    count_text: str
    images: list[ImageView]
    to_confirm: list[SaidView]
    singly: list[ImageView]
    questions: list[QuestionView]
    conflicts: list[str]
    asked: list[UploadResult]
    running: int
    running_text: str
    lacks: list[LackView]
    excuses: list[LackView]
    targets: list[ChoiceView]
    fields: list[ChoiceView]
    reasons: list[ChoiceView]

    def of_eye(self, eye: str | None) -> list[ImageView]:
        """The images of one eye, or those of none."""
        return [image for image in self.images if image.eye == eye]


@dataclass(frozen=True, slots=True)
class Found:
    """What the page of a case needs to know about its images."""

    set: ImageSet
    institution_code: str
    targets: Sequence[Target]


def gather(work: Work, case_id: str, *, book: ImageBook) -> Found:
    """Read everything for the institution that prepares the case."""
    case: Case = images.get_own_case(work, case_id)
    found = images.get_set(
        work, case_id, protocol=book.protocol_of(case), eye_status=eye_status_of(case)
    )
    targets = service_move.list_targets(work, case_id) if found.is_editable else []
    code = organisations.get_institution(work, case.institution_id).code
    return Found(found, code, targets)


def of_set(request: web.Request, found: Found) -> CaseImagesView:
    """The part of the page, and the same as JSON."""
    told = found.set
    shown = of_images(request, told.images, institution_code=found.institution_code)
    by_id = {image.id: image for image in shown}
    open_ones = [image for image in told.images if image.needs_confirming]
    ready = [image for image in open_ones if image.proposal.is_whole and not image.is_conflicted]
    singly = [image for image in open_ones if image not in ready]
    return CaseImagesView(
        case_id=told.case.id,
        is_editable=told.is_editable,
        count_text=_fill(request, N_("{count} images"), count=len(shown)),
        images=shown,
        to_confirm=[
            SaidView(id=image.id, eye=_code(image.eye), field=_code(image.field)) for image in ready
        ],
        singly=[by_id[image.id] for image in singly],
        questions=[_of_question(request, question) for question in told.questions],
        conflicts=[conflict.id for conflict in told.conflicts],
        asked=[of_upload(request, upload) for upload in told.asked],
        running=len(told.running),
        running_text=_fill(
            request, N_("{count} files are being checked."), count=len(told.running)
        ),
        lacks=[_lack(request, gap.eye, gap.field, N_("{eye}: {field}")) for gap in told.missing],
        excuses=[
            _lack(request, each.eye, each.field, N_("{eye}: {field} ({reason})"), each.reason)
            for each in told.excuses
        ],
        targets=[_of_target(request, target) for target in found.targets],
        fields=_choices(request, "field_code"),
        reasons=_choices(request, "no_image_reason"),
    )


def of_images(
    request: web.Request, shown: Sequence[CaseImage], *, institution_code: str
) -> list[ImageView]:
    """Images in capture order, for whoever may see them."""
    return [_of_image(request, image, institution_code) for image in shown]


def of_upload(request: web.Request, upload: Upload) -> UploadResult:
    """What became of an upload, in the reader's language."""
    files = [_of_file(request, result) for result in upload.results]
    is_refused = upload.state is UploadState.REFUSED
    return UploadResult(
        id=upload.id,
        status=_STATES[upload.state],
        sentence=files[0].sentence if is_refused and len(files) == 1 else "",
        files=files,
    )


def _of_file(request: web.Request, result: FileResult) -> FileAnswer:
    verdict = _VERDICTS.get(result.verdict, "accepted")
    prefix = "file-"
    if result.verdict is FileVerdict.STORED:
        prefix = "no-picture-"
    if verdict == "accepted" and not result.has_picture:
        verdict = "accepted-without-picture"
    return FileAnswer(
        name=result.name,
        verdict=verdict,
        sentence=sentence(request, prefix + result.code, result.facts) if result.code else "",
        instance_id=result.image_id,
    )


def _of_image(request: web.Request, image: CaseImage, institution_code: str) -> ImageView:
    urls = urls_of(image.instance, institution_code=institution_code)
    eye, field = _eye_text(request, image.eye), _field_text(request, image)
    state = _state_of(image)
    return ImageView(
        id=image.id,
        instance_id=image.instance.id,
        position=image.position,
        file_name=image.row.file_name,
        alt=_fill(
            request,
            N_("Photograph {position}: {eye} {field}"),
            position=image.position,
            eye=eye,
            field=field,
        ),
        thumbnail_url=urls.thumbnail,
        preview_url=urls.preview,
        full_url=urls.full,
        has_picture=image.instance.has_picture,
        eye=_code(image.eye),
        eye_text=eye,
        field=_code(image.field),
        field_text=field,
        state=state,
        state_text=_state_text(request, image, state),
        captured_text=_captured_text(request, image),
        remarks=_remarks(request, image),
    )


def _state_of(image: CaseImage) -> str:
    if not image.instance.has_picture:
        return "no-picture"
    if image.is_confirmed:
        return "confirmed"
    if image.is_conflicted:
        return "conflicted"
    return "proposed" if image.proposal.is_whole else "unmarked"


def _state_text(request: web.Request, image: CaseImage, state: str) -> str:
    source = image.proposal.eye_source or image.proposal.field_source
    if state == "confirmed":
        return _say(request, N_("Confirmed"))
    if state == "proposed" and source is not None:
        if source.value == "person":
            return _say(request, N_("Marked, not confirmed"))
        text = _term(request, "image_source", source)
        return _fill(request, N_("Proposed, from: {source}"), source=text)
    return "" if state == "no-picture" else _say(request, N_("Not confirmed yet"))


def _remarks(request: web.Request, image: CaseImage) -> list[str]:
    told = image.instance.description
    found = []
    if told.picture_reason is not None:
        found.append(sentence(request, f"no-picture-{told.picture_reason}", {}))
    elif told.likeness is Likeness.NOT_FUNDUS:
        found.append(_say(request, N_("Does not look like a fundus photograph.")))
    if image.is_conflicted and not image.is_confirmed:
        found.append(_conflict_text(request, image))
    return found


def _conflict_text(request: web.Request, image: CaseImage) -> str:
    eyes = {
        _term(request, "image_source", key): eye for key, eye in image.row.evidence.eyes.items()
    }
    if image.row.chosen_eye is not None:
        eyes[_term(request, "image_source", "person")] = image.row.chosen_eye
    pair = N_("{source}: {eye}")
    sources = [
        _fill(request, pair, source=source, eye=_eye_text(request, eye))
        for source, eye in eyes.items()
    ]
    listed = (", " if language(request) == "en" else "，").join(sources)
    return _fill(request, N_("The sources name different eyes: {sources}"), sources=listed)


def _captured_text(request: web.Request, image: CaseImage) -> str:
    captured = image.instance.description.captured
    if captured.at is None:
        return _say(request, N_("Time of capture unknown"))
    message = N_("Taken {moment}")
    if captured.source is CapturedSource.FILE:
        message = N_("Taken {moment} (time of the file)")
    zone = signed_in(request).zone
    moment = format_moment(captured.at, zone=zone, language=language(request))
    return _fill(request, message, moment=moment)


def _of_question(request: web.Request, question: ImageQuestion) -> QuestionView:
    moment = ""
    if question.captured_at is not None:
        zone = signed_in(request).zone
        moment = format_moment(question.captured_at, zone=zone, language=language(request))
    return QuestionView(
        id=question.id,
        sentence=_fill(
            request,
            _QUESTIONS[question.kind],
            named=question.named_name,
            banner=question.banner_name,
            moment=moment,
        ),
        banner=question.banner_name,
        is_open=question.is_open,
    )


def _of_target(request: web.Request, target: Target) -> ChoiceView:
    text = _fill(
        request,
        N_("Case {number}: {name}, {sex}, {tail}"),
        number=target.case.number,
        name=target.patient.name,
        sex=_term(request, "sex", target.patient.sex),
        tail=target.patient.tail,
    )
    return ChoiceView(code=target.case.id, text=text)


def _lack(
    request: web.Request, eye: Eye, field: str | None, message: str, reason: str = ""
) -> LackView:
    place = _say(request, N_("Whole eye")) if field is None else _term(request, "field_code", field)
    why = _term(request, "no_image_reason", reason)
    text = _fill(request, message, eye=_eye_text(request, eye), field=place, reason=why)
    return LackView(eye=eye.value, field=None if field is None else str(field), text=text)


def _choices(request: web.Request, group: str) -> list[ChoiceView]:
    found = request.app[RULES].terms.choices(language(request), group)
    return [ChoiceView(code=code, text=text) for code, text in found]


def _eye_text(request: web.Request, eye: Eye | None) -> str:
    return _say(request, N_("Eye not stated")) if eye is None else _term(request, "eye", eye)


def _field_text(request: web.Request, image: CaseImage) -> str:
    if image.field is None:
        return _say(request, N_("Field not stated"))
    return _term(request, "field_code", image.field)


def _code(value: str | None) -> str | None:
    return None if value is None else str(value)


def _term(request: web.Request, group: str, code: str) -> str:
    return request.app[RULES].terms.text(language(request), group, str(code))


def _say(request: web.Request, message: str) -> str:
    return request.app[LANGUAGES].text(language(request), message)


def _fill(request: web.Request, message: str, **facts: str | int) -> str:
    return _say(request, message).format(**facts)
