"""More of what an installation holds, so that there is more to tamper with."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from consult.calendar.video import service_offer
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Role
from consult.people.patients import service as patients
from consult.referrals import service as referrals
from consult.referrals import service_calls, service_desk
from consult.referrals.calls import CallResult
from consult.referrals.calls import Spoken as SpokenTo
from consult.referrals.records import VisitOutcome
from consult.reports.own import service as own
from consult.reports.own.model import EyeSaid, Finding, Said
from consult.rooms import minutes, service_stay
from consult.rooms import service as rooms
from consult.rooms.model import StayEnd
from consult.rooms.present import service as present
from consult.rooms.present.model import NewPresent, PresentAs
from consult.rooms.telephone import service as telephone
from consult.rooms.telephone.model import Spoken, TelephoneWhy
from consult.rooms.turns import service as turns
from consult.rooms.words import service as words
from server.transactions import utc_now
from tests.makers import exams
from tests.makers.consortium import Consortium
from tests.makers.corrections import correct_patient, shown
from tests.makers.marks import draw, mark, pictures
from tests.makers.reports import queue_limits, report_rules
from tests.makers.rooms import call, come_in, talks
from tests.makers.rooms import let_in as let_in_room
from tests.makers.video_sessions import book_soon, video_rules
from tests.makers.world import World
from tests.makers.world_people import Side


def add_records(world: World) -> None:
    """A picture struck out, an exam used again, a call, a visit with its outcome.

    And a sheet of marks that was saved three times, and a reading of the physician's own.
    """
    near = world.consortium
    _draw_thrice(near, world.now.system(cases.get_case, case_id=world.things["case"]))
    lock_own(near, world.things["reported"])
    case = world.now.system(cases.get_case, case_id=world.things["amended"])
    correct_patient(near, case, shown(near, case)[:1], None)
    _recognise(near, world.now.system(cases.get_case, case_id=world.things["reported"]))
    _talk_and_book(near, world.now.system(cases.get_case, case_id=world.things["case"]))
    referral_id = world.things["referral"]
    world.now.do(
        near.physician,
        service_calls.log_call,
        referral_id=referral_id,
        whom=SpokenTo.PATIENT,
        result=CallResult.REACHED,
        note="患者按时前来",
    )
    desk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    visit = world.clinic.at(utc_now() + timedelta(days=2))
    for step, said in (
        (service_desk.mark_arrived, {}),
        (service_desk.record_outcome, {"outcome": VisitOutcome("左眼中度NPDR", "", "1 月后复查")}),
    ):
        found = visit.system(referrals.get_referral, referral_id=referral_id)
        visit.do(desk, step, referral_id=referral_id, revision=found.revision, **said)


def _talk_and_book(near: Consortium, case: Case) -> None:
    """A call that has ended, with who came and went; a booked session; days of leave."""
    room = call(near, case, near.physician)
    come_in(near, case, near.physician)
    let_in_room(near, case, near.expert, host=near.physician)
    stay = come_in(near, case, near.expert)
    near.clinic.system(service_stay.go, case_id=case.id, stay_id=stay, how=StayEnd.LEFT)
    _speak(near, case)
    _sit_beside(near, case)
    near.clinic.do(
        near.physician,
        minutes.write_minutes,
        case_id=case.id,
        room_id=room.id,
        content="建议 1 月内复查",
        talks=talks(),
    )
    _telephone(near, case)
    near.clinic.do(near.physician, rooms.end_room, case_id=case.id, talks=talks())
    starts_at = near.clinic.now + timedelta(hours=3)
    book_soon(near.clinic, case, expert=near.expert, doctor=near.physician, starts_at=starts_at)
    day = near.clinic.now.date() + timedelta(days=30)
    near.clinic.do(
        near.expert,
        service_offer.add_leave,
        new=service_offer.NewLeave(day, day),
        rules=video_rules(),
        limits=queue_limits(),
    )


def _sit_beside(near: Consortium, case: Case) -> None:
    """A nurse sat beside the physician, and went."""
    here = {"case_id": case.id, "talks": talks()}
    nurse = NewPresent(PresentAs.NURSE, "李护士", None)
    present_id = near.clinic.do(near.physician, present.say_present, new=nurse, **here)
    near.clinic.do(near.physician, present.say_gone, present_id=present_id, **here)


def _telephone(near: Consortium, case: Case) -> None:
    """Some of it was said by telephone."""
    at = near.clinic.now.astimezone(ZoneInfo("Asia/Shanghai"))
    spoken = Spoken(
        TelephoneWhy.CUT_OFF, near.expert.person, "", at.date(), at.time(), "电话中建议 1 月内复查"
    )
    near.clinic.do(
        near.physician, telephone.keep_consult, case_id=case.id, spoken=spoken, talks=talks()
    )


def _speak(near: Consortium, case: Case) -> None:
    """The expert raises her hand, gets the word, gives it back, and writes."""
    here = {"case_id": case.id, "talks": talks()}
    near.clinic.do(near.expert, turns.show_hand, raised=True, **here)
    near.clinic.do(near.physician, turns.give_word, person_id=near.expert.person, **here)
    near.clinic.do(near.expert, turns.show_hand, raised=False, **here)
    near.clinic.do(near.expert, words.say, text="请看右眼", **here)


def _draw_thrice(near: Consortium, case: Case) -> None:
    image_id = pictures(near, case, by=near.expert)[0].id
    for revision in range(3):
        marks = [mark(image_id, "point", points=[[2 + revision, 3]])]
        draw(near, case, by=near.expert, marks=marks, revision=revision)


def lock_own(near: Consortium, case_id: str) -> None:
    """The requesting physician's own reading of a case, by a rule that asks for one."""
    case = near.clinic.system(cases.get_case, case_id=case_id)
    shipped = report_rules(case.service_type).own
    near.clinic.do(
        near.physician,
        own.lock_reading,
        case_id=case_id,
        said=Said(EyeSaid(Finding.NORMAL, 0), None, "右眼未见异常"),
        rules=replace(shipped, on_for=frozenset({case.service_type})),
    )


def _recognise(near: Consortium, earlier: Case) -> None:
    """What was taken ten days ago is used again; a reason says why more is taken."""
    now = exams.days_after(near, 10)
    patient_id = earlier.patient_id
    patient = now.clinic.do(now.physician, patients.get_patient, patient_id=patient_id)
    case = exams.ask(now, patient)
    exams.use(now, case)
    exams.repeat(now, case)
