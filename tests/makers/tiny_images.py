"""Tiny fundus photographs as real DICOM instances, kept as the house keeps its images."""

import io
from dataclasses import dataclass
from hashlib import sha256

from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from consult.blobs.store import BlobRef, BlobStore, save_blob
from consult.cases.images import service as images
from consult.cases.images import service_confirm, service_take
from consult.cases.images.model import Arrival, Evidence, ImageRules, Source
from consult.cases.model import Case
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.ids import new_id
from consult.kernel.work import Actor
from consult.people.organisations import service as organisations
from consult.people.patients.model import Patient
from consult.studies.deliveries import service as deliveries
from consult.studies.deliveries.model import NewDelivery
from consult.studies.model import (
    Captured,
    CapturedSource,
    Description,
    Origin,
    Part,
    Received,
    Uids,
)
from consult.studies.uploads import service as uploads
from server.rules.images import load_image_book
from tests.makers.consortium import CONFIG, Consortium, case_rules

OP_8_BIT = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
_SIDE_PX = 16
_PIXELS = bytes(range(256))
_FIELDS = tuple(
    (eye, field) for field in (FieldCode.MACULA_CENTRED, FieldCode.DISC_CENTRED) for eye in Eye
)


def shifted(shift: int) -> bytes:
    """The pixels of a tiny picture: every value once, from this one on."""
    return _PIXELS[shift % 256 :] + _PIXELS[: shift % 256]


def tiny_dicom(
    uids: Uids, *, name: str, number: str, laterality: str, pixels: bytes = _PIXELS
) -> bytes:
    """An Ophthalmic Photography 8 Bit instance of 16 by 16 pixels that names its patient."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = OP_8_BIT
    meta.MediaStorageSOPInstanceUID = uids.sop_instance_uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = OP_8_BIT
    dataset.SOPInstanceUID = uids.sop_instance_uid
    dataset.StudyInstanceUID = uids.study_instance_uid
    dataset.SeriesInstanceUID = uids.series_instance_uid
    dataset.Modality = "OP"
    dataset.PatientName = name
    dataset.PatientID = number
    dataset.ImageLaterality = laterality
    dataset.Rows = dataset.Columns = _SIDE_PX
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = pixels
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def tiny_jpeg(pixels: bytes = _PIXELS) -> bytes:
    """A picture of it."""
    buffer = io.BytesIO()
    Image.frombytes("L", (_SIDE_PX, _SIDE_PX), pixels).save(buffer, "JPEG")
    return buffer.getvalue()


@dataclass(frozen=True)
class Darkroom:
    """Files images for a consortium's centre, with their bytes in the house's own store.

    `shift` is the value at which their pixels begin.
    """

    world: Consortium
    store: BlobStore
    shift: int = 0

    def add(self, case: Case, patient: Patient) -> None:
        """Macula and disc of both eyes, confirmed by the requesting physician."""
        do, by = self.world.clinic.do, self.world.physician
        protocol = case_rules().protocol_of(case.service_type)
        do(
            by,
            service_take.take_in_images,
            case_id=case.id,
            received=[self._arrival(patient, eye, field) for eye, field in _FIELDS],
            rules=ImageRules(own_window_min=30, longest_window_min=240),
        )
        found = do(by, images.list_case_images, case_id=case.id, protocol=protocol)
        do(
            by,
            service_confirm.confirm_set,
            case_id=case.id,
            said=[service_confirm.Said(each.id, each.eye, each.field) for each in found],
            relabelled=[],
            protocol=protocol,
        )

    def _arrival(self, patient: Patient, eye: Eye, field: FieldCode) -> Arrival:
        uid = f"2.25.{int(new_id(), 16)}"
        uids = Uids(f"{uid}.1", f"{uid}.2", uid)
        original = tiny_dicom(
            uids,
            name=patient.name,
            number=patient.local_number,
            laterality=eye.laterality,
            pixels=shifted(self.shift),
        )
        captured = Captured(self.world.clinic.now, CapturedSource.FILE, "Asia/Shanghai")
        return Arrival(
            file_name=f"{eye}-{field}.jpg",
            received=Received(
                uids=uids,
                source_sha256=sha256(original).hexdigest(),
                description=Description(
                    origin=Origin.PHOTOGRAPH,
                    sop_class_uid=OP_8_BIT,
                    transfer_syntax_uid=str(ExplicitVRLittleEndian),
                    modality="OP",
                    rows=_SIDE_PX,
                    columns=_SIDE_PX,
                    frames=1,
                    captured=captured,
                    laterality=eye.laterality,
                ),
                blobs={
                    Part.ORIGINAL: self._save(original),
                    Part.PREVIEW: self._save(tiny_jpeg(shifted(self.shift))),
                    Part.THUMBNAIL: self._save(tiny_jpeg(shifted(self.shift))),
                },
            ),
            evidence=Evidence(eyes={Source.TAG: eye}, fields={Source.TAG: field}),
        )

    def add_waiting(self, machine_id: str) -> str:
        """A picture of a camera that is nobody's yet; its upload."""
        clinic, centre_id = self.world.clinic, self.world.centre_id
        camera = Actor(None, centre_id, session_id=f"machine:{machine_id}", machine_id=machine_id)
        new = NewDelivery(new_id(), 1, "IMG_0001 OD.jpg", clinic.now, clinic.now, clinic.now)
        limits = load_image_book(CONFIG).limits
        upload = clinic.do(camera, deliveries.open_delivery, new=new, limits=limits)
        clinic.do(camera, uploads.advance_upload, upload_id=upload.id, before=0, after=1)
        clinic.system(uploads.begin_work, upload_id=upload.id)
        blobs = {part: self._save(tiny_jpeg()) for part in (Part.ORIGINAL, Part.THUMBNAIL)}
        clinic.system(deliveries.keep_waiting, upload_id=upload.id, blobs=blobs)
        return str(upload.id)

    def _save(self, plain: bytes) -> BlobRef:
        clinic, centre_id = self.world.clinic, self.world.centre_id
        place = clinic.system(organisations.get_institution, institution_id=centre_id)
        return save_blob(
            self.store,
            clinic.vault,
            institution_id=centre_id,
            institution_key=place.wrapped_key,
            source=io.BytesIO(plain),
        )
