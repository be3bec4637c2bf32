"""The images of a case on the page and as JSON: ready text, in the order of capture."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from consult.access.model import Action
from consult.cases.images import service as images
from consult.cases.images import service_move
from consult.cases.images.model import CaseImage
from consult.cases.images.service import ImageSet
from consult.cases.images.service_move import Target
from consult.cases.model import Case
from consult.cases.protocol import CaptureException
from consult.cases.recognition import service as recognition
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.organisations.model import Institution
from server.i18n import N_
from server.keys import RULES
from server.requests import language, signed_in
from server.rules.rulebook import Rulebook
from server.views.documents import kind_of
from server.views.image_questions import of_question
from server.views.image_views import (
    CaseImagesView,
    ChoiceView,
    ImageView,
    LackView,
    SaidView,
)
from server.views.image_words import (
    captured_text,
    code_of,
    eye_text,
    field_text,
    fill,
    recognised_text,
    remarks_on,
    say,
    state_of,
    state_text,
    term,
)
from server.views.pictures import Holders, holders_of, urls_of
from server.views.quality import quality_of
from server.views.received import used_percent
from server.views.upload_results import of_upload


@dataclass(frozen=True, slots=True)
class Found:
    """What the page of a case needs to know about its images.

    The pictures of `closed` are shared no more; those of `unsent` not before the case goes again.
    """

    set: ImageSet
    holders: Holders
    targets: Sequence[Target]
    closed: frozenset[str]
    unsent: frozenset[str]
    used_percent: int | None = None

    def said_to(self, request: web.Request) -> CaseImagesView:
        """The part of the page in the reader's words."""
        return of_set(request, self)


def gather(work: Work, case_id: str, *, rules: Rulebook) -> Found:
    """Read everything for the institution that prepares the case."""
    case = images.get_own_case(work, case_id)
    protocol = rules.cases.protocol_of(case.service_type)
    found = images.get_set(work, case_id, protocol=protocol)
    targets = service_move.list_targets(work, case_id) if found.is_editable else []
    used = used_percent(work, rules.storage) if found.is_editable else None
    return replace(_found(work, found, targets), used_percent=used)


def make_part(work: Work, case: Case, rules: Rulebook) -> Found | None:
    """The images on the case's page, for either side; none for whoever may not look at them."""
    if not rules.roles.permits(work.actor, Action.SEE_IMAGE):
        return None
    if case.institution_id == work.actor.institution_id:
        return gather(work, case.id, rules=rules)
    return _found(work, images.get_readers_set(work, case), ())


def _found(work: Work, told: ImageSet, targets: Sequence[Target]) -> Found:
    every = [*told.images, *told.replaced]
    closed = recognition.closed_images(work, told.case.id, every)
    unsent = images.list_unsent(work, told.case, every)
    return Found(told, holders_of(work, every), targets, closed, unsent)


def of_set(request: web.Request, found: Found) -> CaseImagesView:
    """The part of the page, and the same as JSON."""
    told = found.set
    shown = _of_images(request, told.images, found)
    by_id = {image.id: image for image in shown}
    open_ones = [image for image in told.images if image.needs_confirming]
    ready = [image for image in open_ones if image.proposal.is_whole and not image.is_conflicted]
    singly = [image for image in open_ones if image not in ready]
    return CaseImagesView(
        case_id=told.case.id,
        is_editable=told.is_editable,
        used_percent=found.used_percent,
        protocol_text=(
            "" if told.protocol is None else told.protocol.words.said_in(language(request))
        ),
        count_text=fill(request, N_("{count} images"), count=len(shown)),
        images=shown,
        replaced=_of_images(request, told.replaced, found),
        to_confirm=[
            SaidView(id=image.id, eye=code_of(image.eye), field=code_of(image.field))
            for image in ready
        ],
        singly=[by_id[image.id] for image in singly],
        questions=[of_question(request, question) for question in told.questions],
        conflicts=[conflict.id for conflict in told.conflicts],
        asked=[of_upload(request, upload) for upload in told.asked],
        running=len(told.running),
        running_text=fill(request, N_("{count} files are being checked."), count=len(told.running)),
        lacks=[_lack(request, gap.eye, gap.field, N_("{eye}: {field}")) for gap in told.missing],
        whole_lacks=[
            _lack(request, eye, None, N_("{eye}: {field}"))
            for eye in Eye
            if _is_wholly_missing(told, eye)
        ],
        excuses=[excuse_view(request, each) for each in told.excuses],
        targets=[_of_target(request, target) for target in found.targets],
        fields=_choices(request, "field_code"),
        reasons=_choices(request, "no_image_reason"),
        keep_reasons=_choices(request, "keep_reason"),
    )


def _of_images(request: web.Request, shown: Sequence[CaseImage], found: Found) -> list[ImageView]:
    """In capture order; a picture that is shared no more stands there without its picture."""
    views = []
    for image in shown:
        view = _of_image(request, image, found.holders[image.instance.institution_id])
        is_open = view.has_picture and image.id not in found.closed | found.unsent
        remarks = list(view.remarks)
        if view.has_picture and image.id in found.unsent:
            remarks.append(say(request, N_("Its picture opens once the case is sent again.")))
        views.append(view.model_copy(update={"has_picture": is_open, "remarks": remarks}))
    return views


def excuse_view(request: web.Request, excuse: CaptureException) -> LackView:
    """What could not be photographed, and why."""
    message = N_("{eye}: {field} ({reason})")
    return _lack(request, excuse.eye, excuse.field, message, excuse.reason)


def _is_wholly_missing(told: ImageSet, eye: Eye) -> bool:
    """Whether the protocol lacks every photograph of this eye."""
    lacking = sum(gap.eye is eye for gap in told.missing)
    return told.protocol is not None and lacking == len(told.protocol.fields)


def _of_image(request: web.Request, image: CaseImage, holder: Institution) -> ImageView:
    urls = urls_of(image.instance, institution_code=holder.code)
    eye, field = eye_text(request, image.eye), field_text(request, image)
    state = state_of(image)
    return ImageView(
        id=image.id,
        instance_id=image.instance.id,
        position=image.position,
        file_name=image.row.file_name,
        alt=fill(
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
        is_video=image.instance.video is not None,
        kind_text=kind_of(request, image.instance),
        document_url=_document_url(request, image),
        eye=code_of(image.eye),
        eye_text=eye,
        field=code_of(image.field),
        field_text=field,
        state=state,
        state_text=state_text(request, image, state),
        captured_text=captured_text(request, image),
        recognised_text=recognised_text(request, image, holder),
        remarks=remarks_on(request, image),
        quality=quality_of(request, image),
    )


def _document_url(request: web.Request, image: CaseImage) -> str:
    """Where it is read as text; empty where it is a picture, or may name the patient."""
    actor = signed_in(request).actor
    if image.instance.has_picture or not actor.sees_names:
        return ""
    return f"/cases/{image.row.case_id}/images/{image.id}/document"


def _of_target(request: web.Request, target: Target) -> ChoiceView:
    text = fill(
        request,
        N_("Case {number}: {name}, {sex}, {tail}"),
        number=target.case.number,
        name=target.patient.name,
        sex=term(request, "sex", target.patient.sex),
        tail=target.patient.tail,
    )
    return ChoiceView(code=target.case.id, text=text)


def _lack(
    request: web.Request, eye: Eye, field: str | None, message: str, reason: str = ""
) -> LackView:
    place = say(request, N_("Whole eye")) if field is None else term(request, "field_code", field)
    why = term(request, "no_image_reason", reason)
    text = fill(request, message, eye=eye_text(request, eye), field=place, reason=why)
    return LackView(eye=eye.value, field=None if field is None else str(field), text=text)


def _choices(request: web.Request, group: str) -> list[ChoiceView]:
    found = request.app[RULES].terms.choices(language(request), group)
    return [ChoiceView(code=code, text=text) for code, text in found]
