"""The page on which a case is sent back: photographs by eye and field, answers, other things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.images.model import WITHOUT_EYE, CaseImage
from consult.cases.model import Case
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.queue import service_return
from server.keys import RULES
from server.requests import language
from server.rules.rulebook import Rulebook
from server.views.pictures import Holders, PictureUrls, holders_of, urls_of

_USUAL = (FieldCode.MACULA_CENTRED, FieldCode.DISC_CENTRED)


@dataclass(frozen=True, slots=True)
class Place:
    """One eye and field with the photographs that stand there."""

    number: int
    eye: str
    field: str
    pictures: Sequence[PictureUrls]


@dataclass(frozen=True, slots=True)
class Places:
    """Every place of a case that may be asked for again."""

    every: Sequence[Place]

    def of_eye(self, eye: str) -> list[Place]:
        """The photographs of one eye, or of none."""
        return [place for place in self.every if place.eye == eye]


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """What the page shows; `may_return` is no longer true once somebody was first."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    inviting: Institution
    places: Places
    now: datetime
    wait_days: int
    is_reader: bool
    may_return: bool


def gather(work: Work, case_id: str, rules: Rulebook) -> ReturnPage:
    """Read the page; the journal says who looked."""
    case = cases.open_case_page(work, case_id)
    patient = patients.get_patient(work, case.patient_id)
    inviting = organisations.get_institution(work, case.institution_id)
    return ReturnPage(
        case=case,
        patient=patient,
        age=patient.age_on(inviting.local_day(work.now)),
        namesake=patients.is_namesake(work, patient),
        inviting=inviting,
        places=places_of(work, case, rules),
        now=work.now,
        wait_days=rules.cases.returns.wait_days,
        is_reader=case.owner_id == work.actor.practitioner_id,
        may_return=service_return.may_return(work, case),
    )


def places_of(work: Work, case: Case, rules: Rulebook) -> Places:
    """The places of a case with what stands there."""
    protocol = rules.cases.protocol_of(case.service_type)
    found = images.list_case_images(work, case.id, protocol=protocol)
    fields = _USUAL if protocol is None else protocol.fields
    return Places(_places(found, fields, holders_of(work, found)))


def choices_of(request: web.Request, case: Case) -> Mapping[str, list[tuple[str, str]]]:
    """Reasons, questions and other things, in the reader's words."""
    rules, tongue = request.app[RULES].cases, language(request)
    told = rules.returns
    form = rules.forms[case.service_type]
    return {
        "reasons": [(code, words.said_in(tongue)) for code, words in told.image_reasons.items()],
        "others": [(code, words.said_in(tongue)) for code, words in told.other_items.items()],
        "questions": [(each.key, each.label.said_in(tongue)) for each in form.questions],
    }


def _places(
    found: Sequence[CaseImage], fields: Sequence[FieldCode], holders: Holders
) -> list[Place]:
    """The protocol's places first, then whatever else was photographed; right eye before left."""
    wanted = {(eye, field): list[PictureUrls]() for eye in Eye for field in fields}
    spare: dict[tuple[Eye | None, FieldCode], list[PictureUrls]] = {}
    for image in found:
        if image.field is None or (image.eye is None and image.field not in WITHOUT_EYE):
            continue
        holder = holders[image.instance.institution_id]
        urls = urls_of(image.instance, institution_code=holder.code)
        if image.eye is not None and (image.eye, image.field) in wanted:
            wanted[image.eye, image.field].append(urls)
        else:
            spare.setdefault((image.eye, image.field), []).append(urls)
    return [
        Place(number, "" if eye is None else eye.value, field.value, pictures)
        for number, ((eye, field), pictures) in enumerate([*wanted.items(), *spare.items()])
    ]
