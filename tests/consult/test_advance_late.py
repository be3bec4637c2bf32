"""A case that was submitted in advance, and a file that never comes (0335)."""

from datetime import timedelta

from consult.cases.advance import service as advance
from consult.cases.images import service as images
from consult.cases.model import Case, ServiceType
from consult.notices.model import NoticeEvent
from consult.studies.uploads.model import NewUpload, parse_upload_limits
from tests.makers.cases import (
    SCREENING_ANSWERS,
    fill_in,
    give_consent,
    make_draft,
    make_patient,
)
from tests.makers.consortium import Consortium, case_rules
from tests.makers.notices import gather, read_to_end, wish
from tests.makers.rulebooks import read_config

LIMITS = parse_upload_limits(read_config("uploads.toml"))
LATE = timedelta(minutes=LIMITS.late_files_min)


def submitted_in_advance(world: Consortium) -> Case:
    """A screening whose file was begun by the photographer and has not arrived."""
    patient = make_patient(world)
    give_consent(world, patient)
    draft = make_draft(world, patient, service_type=ServiceType.SCREENING_READ)
    ready = fill_in(world, draft, dict(SCREENING_ANSWERS))
    sent = {"new": NewUpload("OD.jpg", 400), "case_id": ready.id, "limits": LIMITS}
    world.clinic.do(world.photographer, images.open_upload, **sent)
    asked = {"case_id": ready.id, "revision": ready.revision, "rules": case_rules()}
    return world.clinic.do(world.physician, advance.submit_when_whole, **asked)


def test_whoever_sent_and_submitted_it_hears_once_that_its_files_do_not_come(
    world: Consortium,
) -> None:
    case = submitted_in_advance(world)
    read_to_end(world)
    doctor = wish(world, world.physician, NoticeEvent.NOT_SUBMITTED)
    nurse = wish(world, world.photographer, NoticeEvent.NOT_SUBMITTED)
    wish(world, world.colleague, NoticeEvent.NOT_SUBMITTED)
    soon = world.clinic.at(world.clinic.now + LATE - timedelta(minutes=1))
    assert soon.system(advance.tell_late, late=LATE) == 0
    over = world.clinic.at(world.clinic.now + LATE)
    assert over.system(advance.tell_late, late=LATE) == 1
    assert over.system(advance.tell_late, late=LATE) == 0
    told = [line.kind for line in world.clinic.lines() if line.case_id == case.id]
    assert told.count("case.files_late") == 1
    hears = [(way, NoticeEvent.NOT_SUBMITTED) for way in (doctor, nurse)]
    assert gather(world) == sorted(hears)


def test_a_case_that_was_called_off_is_late_for_nobody(world: Consortium) -> None:
    case = submitted_in_advance(world)
    world.clinic.do(world.physician, advance.call_off, case_id=case.id)
    over = world.clinic.at(world.clinic.now + LATE)
    assert over.system(advance.tell_late, late=LATE) == 0
