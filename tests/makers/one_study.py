"""A case whose pictures are of one study and series, as a camera sends them."""

from dataclasses import replace

from consult.blobs.folder import FolderStore
from consult.cases.images.model import Arrival
from consult.cases.model import Case, ServiceType
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.people.patients.model import Patient
from consult.studies.model import Part
from tests.makers.cases import fill_in, give_consent, make_draft, make_patient, submit
from tests.makers.image_house import ImageHouse
from tests.makers.reports import DIAGNOSIS_ANSWERS
from tests.makers.tiny_images import Darkroom, tiny_dicom


class OneStudy(Darkroom):
    """Pictures of one study and series."""

    def _arrival(self, patient: Patient, eye: Eye, field: FieldCode) -> Arrival:
        made = super()._arrival(patient, eye, field)
        received = made.received
        study = f"2.25.{int(patient.id, 16)}"
        uids = replace(
            received.uids, study_instance_uid=study, series_instance_uid=f"{study[:60]}.1"
        )
        plain = tiny_dicom(
            uids, name=patient.name, number=patient.local_number, laterality=eye.laterality
        )
        blobs = {**received.blobs, Part.ORIGINAL: self._save(plain)}
        return replace(made, received=replace(received, uids=uids, blobs=blobs))


def submit_one_study(
    house: ImageHouse, *, document_number: str, room: type[Darkroom] = OneStudy
) -> Case:
    """A case before the panel with four pictures of one study, out of this darkroom."""
    now = replace(house.world, clinic=house.clinic)
    patient = make_patient(now, document_number=document_number)
    give_consent(now, patient)
    made = make_draft(now, patient, service_type=ServiceType.REMOTE_DIAGNOSIS)
    room(now, FolderStore(house.house.data_dir / "blobs")).add(made, patient)
    return submit(now, fill_in(now, made, DIAGNOSIS_ANSWERS))
