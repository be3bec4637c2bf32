"""What the report of a case would rest on now, gathered for its content."""

from consult.annotations import service as annotations
from consult.cases.images import service as images
from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.practitioners import service as practitioners
from consult.reports import store
from consult.reports.content import Circumstances
from consult.reports.screens import Screen, screen_as_json
from consult.reports.second import store as held_readings
from consult.reports.service_looks import relied_on, valid_looks
from consult.reports.verify import content_of
from consult.reports.versions import Report


def gather_circumstances(
    work: Work, case: Case, basis: Report | None, *, screen: Screen | None = None
) -> Circumstances:
    """Patient, institutions, pictures, looks, marks and the reader's screen as they stand."""
    earlier = store.list_of_case(work.session, case.id)
    requesting = case.requesting_physician_id
    found = images.list_case_images(work, case.id)
    looks = valid_looks(work, case)
    used = relied_on(found, looks)
    return Circumstances(
        case=case,
        patient=patients.get_patient(work, case.patient_id),
        inviting=organisations.get_institution(work, case.institution_id),
        invited=organisations.get_institution(work, work.actor.institution),
        author=practitioners.get_practitioner(work, work.actor.person),
        requesting=None if requesting is None else practitioners.get_practitioner(work, requesting),
        images=used,
        excuses=images.list_excuses(work, case.id),
        left_out=[image for image in found if image not in used],
        looks=looks,
        version=len(earlier) + 1,
        previous_sha256=earlier[0].sha256 if earlier else None,
        basis=None if basis is None else content_of(basis),
        holders={
            each: organisations.get_institution(work, each)
            for each in {image.instance.institution_id for image in used if image.row.is_recognised}
        },
        sheet=annotations.sheet_as_of_now(work, case),
        screen=screen_as_json(work, screen),
        reviewed=_reviewed(work, case),
    )


def _reviewed(work: Work, case: Case) -> Report | None:
    """The report of another physician that is reviewed now."""
    if case.status is not CaseStatus.REPORT_REVIEW:
        return None
    return held_readings.list_held(work.session, case.id)[-1].report
