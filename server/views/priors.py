"""Earlier exams of a patient beside today's, for whoever reads the case (VW-03)."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.cases.recognition import priors
from consult.cases.recognition.model import Picture, Source
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.eyes import Eye
from consult.kernel.ids import InstanceId
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.reports.gradings import Opinion, opinions_of
from consult.studies import service as studies
from consult.studies.model import Instance
from server.i18n import ENGLISH, N_
from server.moments import format_day, local_day
from server.requests import language
from server.views.image_words import say, term
from server.views.pictures import urls_of

_SIDES = {Eye.RIGHT: "R", Eye.LEFT: "L"}


class PriorView(BaseModel):
    """One earlier exam: when and where it was taken, of which eyes, and what was signed then."""

    id: str
    day: str
    day_text: str
    place: str
    sides: str
    pictures: int
    outcome: str
    opinion_text: str


class PriorPicture(BaseModel):
    """One of its pictures; `label` names day, eye and field, `caption` the field alone."""

    id: str
    day: str
    side: str
    field: str
    label: str
    caption: str
    instance: str
    frames: int
    preview: str
    thumbnail: str


class RegistrationAnswer(BaseModel):
    """Where a pixel of the earlier picture lies in today's: `a + bi` times its place, and `x + yi`.

    `residual_px` is what the movement leaves unexplained, in today's pixels.
    """

    a: float
    b: float
    x: float
    y: float
    residual_px: float
    agreeing: float


class PriorsAnswer(BaseModel):
    """The earlier exams of a case's patient, the newest first."""

    priors: list[PriorView]


class OpenedPrior(PriorView):
    """An exam that was opened, with its pictures by eye and field."""

    shown: list[PriorPicture]


@dataclass(frozen=True, slots=True)
class PriorExam:
    """What one unit found of an exam; `instances` only once it was opened."""

    source: Source
    place: Institution
    opinion: Opinion | None
    instances: Mapping[str, Instance]


def list_exams(work: Work, case: Case) -> list[PriorExam]:
    """The earlier exams of a case's patient that its reader may know of."""
    found = priors.list_priors(work, case)
    opinions = opinions_of(work, [each.case_id for each in found])
    return [_exam(work, each, opinions.get(each.case_id)) for each in found]


def list_of_case(work: Work, case_id: str) -> list[PriorExam]:
    """The same for a door that knows the case's id alone."""
    return list_exams(work, cases.get_case(work, case_id))


def open_exam(work: Work, case_id: str, prior_id: str) -> PriorExam:
    """Open an exam, and say where its pictures are, as far as policy shows their studies."""
    source = priors.open_prior(work, case_id=case_id, prior_id=prior_id)
    shown = [each.instance_id for each in source.pictures if _is_open(work, each)]
    found = _exam(work, source, opinions_of(work, [prior_id]).get(prior_id))
    instances = studies.list_instances(work, shown)
    return PriorExam(source, found.place, found.opinion, instances)


def find_pair(
    work: Work, case_id: str, prior_id: str, *, image_id: str, prior_image_id: str
) -> tuple[Instance, Instance]:
    """A photograph of the case, and one of the same eye of an exam that was opened beside it.

    Raises NotFoundError where one is not the reader's to see, RefusedError for another eye.
    """
    case = cases.get_case(work, case_id)
    prior = priors.get_prior(work, case, prior_id)
    now = {image.instance.id: image for image in images.list_case_images(work, case.id)}
    then = {each.instance_id: each for each in prior.pictures if _is_open(work, each)}
    known, other = now.get(InstanceId(image_id)), then.get(InstanceId(prior_image_id))
    if known is None or other is None:
        raise NotFoundError
    if known.eye is None or known.eye is not other.eye:
        raise RefusedError("registration-other-eye", field="prior_image_id")
    return known.instance, studies.list_instances(work, [other.instance_id])[other.instance_id]


def _exam(work: Work, source: Source, opinion: Opinion | None) -> PriorExam:
    place = organisations.get_institution(work, source.institution_id)
    return PriorExam(source, place, opinion, {})


def _is_open(work: Work, picture: Picture) -> bool:
    ref = Ref(ObjectType.STUDY, picture.study_id)
    return policy.may_see(work.session, work.actor, ref, now=work.now)


def view_of(request: web.Request, exam: PriorExam) -> PriorView:
    """An exam in the reader's words."""
    place, tongue = exam.place, language(request)
    on = local_day(exam.source.taken_at, zone=place.zone)
    eyes = {each.eye for each in exam.source.pictures}
    rank = "" if exam.opinion is None else exam.opinion.rank or ""
    return PriorView(
        id=exam.source.case_id,
        day=on.isoformat(),
        day_text=format_day(on, language=tongue),
        place=place.name_en if tongue == ENGLISH and place.name_en else place.name,
        sides="".join(side for eye, side in _SIDES.items() if eye in eyes),
        pictures=len(exam.source.pictures),
        outcome=rank,
        opinion_text=_opinion_text(request, exam.opinion),
    )


def opened_view_of(request: web.Request, exam: PriorExam) -> OpenedPrior:
    """An opened exam with its pictures, by field, the right eye before the left."""
    told = view_of(request, exam)
    shown = [
        _picture(request, each, exam)
        for each in sorted(exam.source.pictures, key=_place)
        if each.instance_id in exam.instances
    ]
    return OpenedPrior(**told.model_dump(), shown=shown)


def _place(picture: Picture) -> tuple[bool, str, bool, str]:
    """The ids of instances are in the order in which they came."""
    field = "" if picture.field is None else picture.field.value
    return picture.eye is None, field, picture.eye is Eye.LEFT, picture.instance_id


def _picture(request: web.Request, picture: Picture, exam: PriorExam) -> PriorPicture:
    instance = exam.instances[picture.instance_id]
    urls = urls_of(instance, institution_code=exam.place.code)
    field = "" if picture.field is None else picture.field.value
    eye = "" if picture.eye is None else term(request, "eye", picture.eye.value)
    day = local_day(picture.taken_at, zone=exam.place.zone).isoformat()
    kind = instance.description.sop_class_uid
    what = term(request, "field_code", field) if eye else term(request, "object_class", kind)
    return PriorPicture(
        id=instance.id,
        day=day,
        side="" if picture.eye is None else _SIDES[picture.eye],
        field=field,
        label=" ".join(filter(None, (day, eye, what))),
        caption=what,
        instance=urls.full.removesuffix("/rendered"),
        frames=instance.description.frames,
        preview=urls.preview,
        thumbnail=urls.thumbnail,
    )


def _opinion_text(request: web.Request, opinion: Opinion | None) -> str:
    """The outcome that was signed, and the grade of each eye that has one."""
    if opinion is None:
        return say(request, N_("Not read yet"))
    grades = [
        f"{term(request, 'eye_short', eye.value)} {term(request, 'icdr', str(grade))}"
        for eye, grade in opinion.icdr.items()
        if grade is not None
    ]
    outcome = "" if opinion.rank is None else term(request, "outcome_rank", opinion.rank)
    parts = [part for part in (outcome, *grades) if part]
    return " · ".join(parts) or say(request, N_("Signed without a grade"))
