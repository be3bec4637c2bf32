"""After a crash nothing waits for a lease of the process that is gone."""

from consult.cases.images import service as images
from consult.jobs import service as jobs
from consult.kernel.work import Work
from consult.studies.uploads import service as uploads
from consult.studies.uploads.model import NewUpload
from server.rules.images import load_image_book
from tests.makers.cases import make_draft, make_patient
from tests.makers.clinic import Clinic
from tests.makers.consortium import CONFIG, make_consortium


def kinds_due(clinic: Clinic) -> list[str]:
    def look(work: Work) -> list[str]:
        return [job.kind for job in jobs.take_jobs(work)]

    return clinic.system(look)


def test_a_job_that_was_cut_off_is_done_at_once(clinic: Clinic) -> None:
    clinic.system(jobs.queue_job, kind="drop_blob", payload={})
    assert kinds_due(clinic) == ["drop_blob"]
    assert kinds_due(clinic) == []
    clinic.system(jobs.take_over)
    assert kinds_due(clinic) == ["drop_blob"]


def test_an_upload_that_was_cut_off_is_worked_on_at_once(clinic: Clinic) -> None:
    world = make_consortium(clinic)
    upload = clinic.do(
        world.physician,
        images.open_upload,
        new=NewUpload("OD.jpg", 1),
        case_id=make_draft(world, make_patient(world)).id,
        limits=load_image_book(CONFIG).limits,
    )
    clinic.do(world.physician, uploads.advance_upload, upload_id=upload.id, before=0, after=1)
    assert clinic.system(uploads.begin_work, upload_id=upload.id) is not None
    assert clinic.system(uploads.begin_work, upload_id=upload.id) is None
    clinic.system(uploads.take_over)
    assert clinic.system(uploads.begin_work, upload_id=upload.id) is not None
