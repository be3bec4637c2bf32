"""An object of a case that is read as text, below the patient's banner."""

from dataclasses import dataclass

from aiohttp import web

from consult.access.model import Action
from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.reports.objects import service as objects
from consult.studies import service as studies
from consult.studies.model import Instance
from server.keys import RULES
from server.requests import language, signed_in

_GROUP = "object_class"


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Whose object it is, and which; a report's own has no place among the pictures."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    image_id: str
    position: int | None
    instance: Instance


def find(work: Work, *, case_id: str, image_id: str) -> DocumentPage:
    """One object of a case that the actor may see.

    Raises NotFoundError, and InstanceWithdrawnError for what proved to be another patient's.
    """
    case = cases.get_case(work, case_id)
    position, instance_id = _find(work, case, image_id)
    patient = patients.get_patient(work, case.patient_id)
    today = organisations.get_institution(work, case.institution_id).local_day(work.now)
    return DocumentPage(
        case,
        patient,
        patient.age_on(today),
        patients.is_namesake(work, patient),
        image_id,
        position,
        studies.get_instance(work, instance_id),
    )


def _find(work: Work, case: Case, image_id: str) -> tuple[int | None, str]:
    """An image of the case by its id, or what its report left by the object's own."""
    for image in images.list_every_image(work, case.id):
        if image.id == image_id:
            return image.position, image.instance.id
    for filed in objects.list_objects(work, case):
        if filed.instance.id == image_id:
            return None, filed.instance.id
    raise NotFoundError


def kind_of(request: web.Request, instance: Instance) -> str:
    """What the object is, in words; its SOP Class UID where nobody has words for it."""
    uid = instance.description.sop_class_uid
    return request.app[RULES].terms.text(language(request), _GROUP, uid)


def may_take(request: web.Request) -> bool:
    """Whether the reader's role lets a file inside leave."""
    actor = signed_in(request).actor
    return request.app[RULES].roles.permits(actor, Action.DOWNLOAD_ORIGINAL)
