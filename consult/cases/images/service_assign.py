"""Images that came without a case are taken into one, for the patient in the banner (U1)."""

from consult.cases.images import service_take
from consult.cases.images.model import Arrival, Evidence, ImageRules, Source
from consult.cases.images.service import get_open_case
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.studies import ingest
from consult.studies.model import Instance, Received
from consult.studies.waiting import service as waiting

_EYES = {"R": Eye.RIGHT, "L": Eye.LEFT}


def list_waiting(work: Work, *, case_id: str, study_id: str) -> list[Instance]:
    """What `assign_study` will take; raises what it raises, before anybody looks at a picture."""
    get_open_case(work, case_id)
    return waiting.take_waiting(work, study_id)


def assign_study(work: Work, *, case_id: str, study_id: str, rules: ImageRules) -> int:
    """Take a waiting study into a case that is open for images; how many images that were.

    Every doubt of an upload is raised here as well. Raises StudyTakenError: it does not
    wait here. Raises CaseNotOpenForImagesError and InstanceRacedError as an upload does.
    """
    case = get_open_case(work, case_id)
    found = waiting.take_waiting(work, study_id)
    for instance in found:
        assigned = ingest.assign(work, instance, patient_id=case.patient_id, case_id=case.id)
        arrival = Arrival(
            f"{instance.uids.sop_instance_uid}.dcm",
            Received(instance.uids, instance.source_sha256, instance.description, instance.blobs),
            _evidence_of(instance),
        )
        service_take.add_image(work, case, arrival, assigned, rules=rules, removed=None)
    return len(found)


def _evidence_of(instance: Instance) -> Evidence:
    """The eye of the header is a proposal, as everywhere."""
    eye = _EYES.get(instance.description.laterality or "")
    return Evidence() if eye is None else Evidence(eyes={Source.TAG: eye})
