"""What happened in the world before its doors open: a patient at every stage of the loop."""

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

from consult.calendar import service as calendar
from consult.calendar import service_hold
from consult.cases.images import service as images
from consult.cases.model import Case, ServiceType
from consult.kernel.work import Role
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.referrals import service_book
from consult.referrals.records import Appointment
from consult.reports import service_decide
from consult.reports.destinations import service as destinations
from consult.reports.destinations.model import DestinationForm, DispatchWay
from consult.reports.seal import SystemSeal, load_seal
from consult.reports.service_decide import Decided
from consult.reports.versions import Choice, NextStep, Report
from consult.studies.uploads.model import NewUpload
from server.auth.cookies import hash_token, make_token
from server.installation import prepare
from server.intake.spool import Spool
from server.rules.images import load_image_book
from server.settings import Settings
from server.stores import make_store
from server.transactions import utc_now
from tests.makers import discussion, referrals
from tests.makers.cases import (
    SCREENING_ANSWERS,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
    patient_form,
    submit,
)
from tests.makers.consortium import CONFIG, patient_rules
from tests.makers.marks import draw, mark, pictures
from tests.makers.reports import amend, retract, show, sign
from tests.makers.reports import prepare as read_and_write
from tests.makers.tellings import after_rules
from tests.makers.tiny_images import Darkroom
from tests.makers.world import CANARIES, MISNAMED, Canary, World, found_world
from tests.makers.world_people import Side

DRAFT, WAITING, REPORTED, REFERRED, CONSENTED, AMENDED, RETRACTED = CANARIES


def make_world(data_dir: Path, **chosen: str) -> World:
    """Fill the data folder of a house that has not been started yet."""
    data_dir.mkdir(parents=True, exist_ok=True)
    settings = Settings.model_validate({"data_dir": data_dir, **chosen})
    prepare(settings)
    world = found_world(settings)
    darkroom = Darkroom(world.consortium, make_store(settings))
    seal = load_seal(settings.key_file.parent)
    _add_draft(world, Spool(data_dir / "spool"))
    _add_waiting(world, darkroom)
    _add_reported(world, darkroom, seal)
    _add_referred(world, darkroom, seal)
    _add_amended(world, darkroom, seal)
    _add_retracted(world, darkroom, seal)
    patient = register(world, CONSENTED)
    world.things |= {"consented": patient.id, "consent": consent_to(world, patient)}
    world.things["machine"] = _add_machine(world)
    darkroom.add_waiting(world.things["machine"])
    world.things["destination"] = _add_destination(world)
    return world


def _add_destination(world: World) -> str:
    """Nothing is sent there: it is not on, and nobody listens."""
    form = DestinationForm(
        world.places[Side.HOME],
        "影像归档",
        DispatchWay.STOW,
        url="http://127.0.0.1:9/dicom-web",
        is_on=False,
    )
    administrator = world.person(Side.HOME, Role.ADMINISTRATOR).actor
    return world.now.do(administrator, destinations.add_destination, form=form, most=5).id


def _add_machine(world: World) -> str:
    machine = world.now.do(
        world.person(Side.HOME, Role.ADMINISTRATOR).actor,
        machines.add_machine,
        institution_id=world.places[Side.HOME],
        name="眼底相机",
        rights={Right.STORE_IMAGES, Right.SEND_PICTURES},
        token_hash=hash_token(make_token()),
        expires_at=None,
    )
    return machine.id


def register(world: World, canary: Canary) -> Patient:
    """A patient of the centre who must not be found where she does not belong."""
    return make_patient(
        world.consortium,
        name=canary.name,
        document_number=canary.number,
        phone=canary.phone,
        address=canary.address,
    )


def consent_to(world: World, patient: Patient) -> str:
    """Her consent, as of today."""
    today = utc_now().date()
    return give_consent(
        world.consortium,
        patient,
        signed_on=today - timedelta(days=1),
        valid_until_on=today + timedelta(days=300),
    )


def wait_for_reading(world: World, patient: Patient, darkroom: Darkroom) -> Case:
    """A screening with four photographs before the panel."""
    consent_to(world, patient)
    service = ServiceType.SCREENING_READ
    draft = make_draft(world.consortium, patient, service_type=service)
    darkroom.add(draft, patient)
    return submit(world.consortium, fill_in(world.consortium, draft, SCREENING_ANSWERS))


def _add_draft(world: World, spool: Spool) -> None:
    patient = register(world, DRAFT)
    draft = make_draft(world.consortium, patient)
    other = make_draft(world.consortium, patient, service_type=ServiceType.REMOTE_DIAGNOSIS)
    upload = world.now.do(
        world.consortium.physician,
        images.open_upload,
        new=NewUpload("OD.jpg", 4),
        case_id=draft.id,
        limits=load_image_book(CONFIG).limits,
    )
    spool.create(upload.id)
    world.things |= {"draft": draft.id, "other_draft": other.id, "upload": upload.id}


def _add_waiting(world: World, darkroom: Darkroom) -> None:
    patient = register(world, WAITING)
    case = wait_for_reading(world, patient, darkroom)
    image = world.now.do(world.consortium.physician, images.list_case_images, case_id=case.id)[0]
    world.things |= {"case": case.id, "patient": patient.id, "image": image.id}
    world.things |= {
        "instance": image.instance.id,
        "study_uid": image.instance.uids.study_instance_uid,
        "series_uid": image.instance.uids.series_instance_uid,
        "sop_uid": image.instance.uids.sop_instance_uid,
    }


def _sign(world: World, case: Case, seal: SystemSeal) -> Report:
    near = world.consortium
    shown = read_and_write(near, case, by=near.expert)
    return sign(near, case, by=near.expert, shown=shown, seal=seal)


def _sign_marked(world: World, case: Case, seal: SystemSeal) -> Report:
    """A report that rests on marks, with one key image."""
    near = world.consortium
    read_and_write(near, case, by=near.expert)
    image_id = pictures(near, case, by=near.expert)[0].id
    marks = [mark(image_id, points=[[2, 3], [9.5, 11.25]], lesion="haemorrhage")]
    draw(near, case, by=near.expert, marks=marks, key_images=[image_id])
    return sign(near, case, by=near.expert, shown=show(near, case, by=near.expert), seal=seal)


def _add_reported(world: World, darkroom: Darkroom, seal: SystemSeal) -> None:
    case = wait_for_reading(world, register(world, REPORTED), darkroom)
    report = _sign(world, case, seal)
    world.things |= {"report": report.id, "reported": case.id}


def _add_amended(world: World, darkroom: Darkroom, seal: SystemSeal) -> None:
    """Her name was typed wrongly, and stands in the report before it is amended."""
    patient = register(world, replace(AMENDED, name=MISNAMED))
    case = wait_for_reading(world, patient, darkroom)
    report = _sign_marked(world, case, seal)
    world.now.do(
        world.consortium.physician,
        patients.update_patient,
        patient_id=patient.id,
        revision=patient.revision,
        form=patient_form(
            name=AMENDED.name,
            document_number=AMENDED.number,
            phone=AMENDED.phone,
            address=AMENDED.address,
        ),
        rules=patient_rules(),
    )
    amended = amend(world.consortium, report, seal=seal, reason="姓名录入有误")
    world.things |= {"amended": case.id, "amended_report": amended.id}


def _add_retracted(world: World, darkroom: Darkroom, seal: SystemSeal) -> None:
    """An answer that was amended first and taken back then."""
    case = wait_for_reading(world, register(world, RETRACTED), darkroom)
    amended = amend(world.consortium, _sign(world, case, seal), seal=seal, advice="3 个月内复查")
    back = retract(world.consortium, amended, seal=seal)
    world.things |= {"retracted": case.id, "retracted_report": back.id}


def decide_to_refer(world: World, patient: Patient, darkroom: Darkroom, seal: SystemSeal) -> Case:
    """A case that was read, received, and decided for referral."""
    case = wait_for_reading(world, patient, darkroom)
    report = _sign(world, case, seal)
    do, by = world.now.do, world.consortium.physician
    do(by, service_decide.receive_report, report_id=report.id)
    do(
        by,
        service_decide.decide_case,
        case_id=case.id,
        said=Decided(Choice.ACCEPTED, NextStep.REFER),
        rules=after_rules(),
    )
    return case


def _add_referred(world: World, darkroom: Darkroom, seal: SystemSeal) -> None:
    case = decide_to_refer(world, register(world, REFERRED), darkroom, seal)
    _talk(world, case)
    booked = _book(world, case, seal)
    world.things |= {
        "referred": case.id,
        "referral": booked.referral_id,
        "appointment": booked.id,
    }


def _talk(world: World, case: Case) -> None:
    near = world.consortium
    asked = discussion.ask(near, case, near.expert, "左眼是散瞳后拍的吗？")
    said = discussion.answer(near, case, near.physician, asked, "未散瞳。")
    discussion.say(near, case, near.physician, "散瞳后拍的。", amends_id=said.head.id)


def _book(world: World, case: Case, seal: SystemSeal) -> Appointment:
    desk = world.person(Side.LEAD, Role.REFERRAL_DESK).actor
    clinic = world.now.do(desk, calendar.add_clinic, facts=referrals.clinic_facts())
    office = referrals.Office(world.consortium, seal, desk, clinic.id)
    tomorrow = utc_now().date() + timedelta(days=2)
    slots = referrals.publish(
        office,
        day_from=tomorrow,
        day_until=tomorrow,
        weekdays=frozenset({tomorrow.isoweekday()}),
        start=time(8, 0),
        end=time(12, 0),
    )
    do, by = world.now.do, world.consortium.physician
    limits = referrals.book().holds
    do(by, service_hold.hold_slot, slot_id=slots[0].id, case_id=case.id, limits=limits)
    world.things |= {"clinic": clinic.id, "slot": slots[1].id}
    return do(
        by,
        service_book.refer_and_book,
        case_id=case.id,
        slot_id=slots[0].id,
        wish=referrals.request(office),
        rules=referrals.book().referrals,
    )
