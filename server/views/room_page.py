"""What the page of a video room shows before anything has been asked, and the way to it."""

from dataclasses import dataclass
from functools import partial

from aiohttp import web

from consult.access.model import Action
from consult.cases.model import Case, is_open
from consult.discussion.rights import may_read_discussion
from consult.kernel.work import Work
from consult.people.duty import phones
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.rooms import service as rooms
from server.keys import MEDIA
from server.media.tokens import Sight
from server.rules.rulebook import Rulebook
from server.views.discussion import Talk, make_talk
from server.views.present import PresentPart, make_present
from server.views.shared_images import Looks, make_looks


@dataclass(frozen=True, slots=True)
class RoomPage:
    """The case, what both sides wrote, and whom to telephone on the other side."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    person_id: str
    talk: Talk
    looks: Looks | None
    far: Institution
    duty_phones: str
    present: PresentPart
    relay: str = "/api/connection/relay"
    is_guest: bool = False

    @property
    def url(self) -> str:
        """The API of the case's room."""
        return f"/api/cases/{self.case.id}/room"


@dataclass(frozen=True, slots=True)
class CallPart:
    """On the page of a case: whether somebody calls, or the reader may."""

    case: Case
    door: rooms.Door

    def said_to(self, request: web.Request) -> object:
        """The same; nothing where video is off."""
        return self if MEDIA in request.app else None


def make_room_page(work: Work, case_id: str, *, rules: Rulebook, sight: Sight) -> RoomPage:
    """The page; raises NotFoundError and RoomCaseClosedError."""
    talks = partial(may_read_discussion, second=rules.second)
    case = rooms.get_case_with_room(work, case_id, talks=talks)
    patient = patients.get_patient(work, case.patient_id)
    far = _far_side(work, case)
    return RoomPage(
        case=case,
        patient=patient,
        age=patient.age_on(organisations.today_at(work, case.institution_id)),
        namesake=patients.is_namesake(work, patient),
        person_id=work.actor.person,
        talk=make_talk(work, case, second=rules.second),
        looks=make_looks(work, case, rules, sight),
        far=far,
        duty_phones=phones.phones_text(work, far),
        present=make_present(work, case),
    )


def make_part(work: Work, case: Case, rules: Rulebook) -> CallPart | None:
    """The way to the room; None for whoever may not enter it."""
    if not rules.roles.permits(work.actor, Action.ENTER_ROOM) or not is_open(case.status):
        return None
    if case.submitted_at is None or not may_read_discussion(work, case, second=rules.second):
        return None
    return CallPart(case, rooms.look_at_door(work, case))


def _far_side(work: Work, case: Case) -> Institution:
    is_clinic = work.actor.institution_id == case.institution_id
    far = case.invited_institution_id if is_clinic else case.institution_id
    return organisations.get_institution(work, far or case.institution_id)
