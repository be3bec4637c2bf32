"""Images that have reached the clinic, made without a jail: their bytes lie nowhere."""

import hashlib
from datetime import datetime
from typing import Any

from consult.blobs.store import BlobRef
from consult.cases.images import service_take
from consult.cases.images.model import Arrival, Evidence, ImageRules, Source
from consult.cases.model import Case
from consult.kernel.eyes import Eye
from consult.kernel.ids import new_id
from consult.kernel.work import Actor
from consult.studies.model import (
    Captured,
    CapturedSource,
    Description,
    Likeness,
    Origin,
    Part,
    Received,
    Uids,
)
from consult.studies.uploads.model import FileResult
from tests.makers.consortium import Consortium

RULES = ImageRules(own_window_min=30, longest_window_min=120)


def make_blob(institution_id: str, data: bytes = b"x") -> BlobRef:
    """A reference to bytes that nobody reads in these tests."""
    sha256 = hashlib.sha256(data).hexdigest()
    return BlobRef(f"{institution_id}/{new_id()}", len(data), sha256, b"wrapped")


def make_arrival(
    world: Consortium,
    name: str = "IMG_0001.JPG",
    *,
    data: bytes | None = None,
    uid: str | None = None,
    origin: Origin = Origin.PHOTOGRAPH,
    at: datetime | None = None,
    says: dict[Source, Eye] | None = None,
    **told: Any,
) -> Arrival:
    """A file that was looked at and stored."""
    data = name.encode() if data is None else data
    captured = Captured() if at is None else Captured(at, CapturedSource.EXIF, "Asia/Shanghai")
    description = Description(
        **{
            "origin": origin,
            "sop_class_uid": "1.2.840.10008.5.1.4.1.1.77.1.5.1",
            "transfer_syntax_uid": "1.2.840.10008.1.2.4.50",
            "modality": "OP",
            "rows": 100,
            "columns": 100,
            "frames": 1,
            "captured": captured,
            "likeness": Likeness.FUNDUS,
            **told,
        }
    )
    number = int.from_bytes(hashlib.sha256(data).digest()[:8])
    uids = Uids("2.25.1", "2.25.2", uid or f"2.25.{number}")
    parts = (Part.ORIGINAL, Part.PREVIEW, Part.THUMBNAIL)
    blobs = {part: make_blob(world.centre_id, data) for part in parts}
    received = Received(uids, hashlib.sha256(data).hexdigest(), description, blobs)
    return Arrival(name, received, Evidence(says or {}))


def take_in(
    world: Consortium,
    case: Case,
    *arrivals: Arrival,
    reason: str | None = None,
    by: Actor | None = None,
) -> list[FileResult]:
    """File them in their case."""
    return world.clinic.do(
        by or world.photographer,
        service_take.take_in_images,
        case_id=case.id,
        received=arrivals,
        rules=RULES,
        reason=reason,
    )
