"""What the page of a video room shows before anything has been asked, and the way to it."""

from dataclasses import dataclass
from functools import partial

from aiohttp import web

from consult.access.model import Action
from consult.cases.model import Case, is_open
from consult.discussion.rights import may_read_discussion
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.rooms import service as rooms
from server.keys import MEDIA
from server.media.tokens import Sight
from server.rules.rulebook import Rulebook
from server.views.discussion import Talk, make_talk
from server.views.shared_images import Looks, make_looks


@dataclass(frozen=True, slots=True)
class RoomPage:
    """The case that is spoken of, and what both sides wrote."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    person_id: str
    talk: Talk
    looks: Looks | None


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
    return RoomPage(
        case=case,
        patient=patient,
        age=patient.age_on(organisations.today_at(work, case.institution_id)),
        namesake=patients.is_namesake(work, patient),
        person_id=work.actor.person,
        talk=make_talk(work, case, second=rules.second),
        looks=make_looks(work, case, rules, sight),
    )


def make_part(work: Work, case: Case, rules: Rulebook) -> CallPart | None:
    """The way to the room; None for whoever may not enter it."""
    if not rules.roles.permits(work.actor, Action.ENTER_ROOM) or not is_open(case.status):
        return None
    if case.submitted_at is None or not may_read_discussion(work, case, second=rules.second):
        return None
    return CallPart(case, rooms.look_at_door(work, case))
