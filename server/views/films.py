"""The strip of pictures in the reading room, in anatomical order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.cases.protocol import CaptureProtocol, FieldCode
from consult.cases.recognition import service as recognition
from consult.kernel.work import Work
from consult.people.organisations.model import Institution
from consult.reports import service_looks
from consult.reports.versions import Look
from consult.studies.decoding import DIFFER
from imaging.spacing import PHOTOGRAPHS, Spacing
from server.moments import local_day
from server.views.pictures import PictureUrls, holders_of, urls_of
from server.views.pixel_sizes import described_of, spacing_throughout

_SIDES = {"right": "R", "left": "L"}
_FIRST = (FieldCode.MACULA_CENTRED, FieldCode.ETDRS_2_MACULA, FieldCode.DISC_CENTRED)


@dataclass(frozen=True, slots=True)
class Film:
    """One picture of the strip; `side` is R, L or empty, `seen` none, preview or full.

    `shot` is the film in whose place on the page it stands, `kind` is its SOP Class UID,
    `video` how the stream of a video is coded, empty for any other object,
    `spacing` how large each of its pixels is, None where lengths are told in no millimetres,
    `differs` whether two decoders read it differently, `day` the date on which it was taken there.
    """

    id: str
    image_id: str
    kind: str
    differs: bool
    position: int
    side: str
    eye: str
    field: str
    urls: PictureUrls
    has_picture: bool
    video: str
    seen: str
    left_out: str
    is_first: bool
    recognised_at: datetime | None
    recognised_from: Institution | None
    frames: int
    shot: str
    day: str
    columns: int
    rows: int
    spacing: Spacing | None

    @property
    def address(self) -> str:
        """Where the object is in DICOMweb (PS3.18 10.4)."""
        return self.urls.full.removesuffix("/rendered")


def films_of(work: Work, case: Case, protocol: CaptureProtocol | None) -> list[Film]:
    """Field by field as the protocol has them, the right eye before the left; no eye comes last.

    A recognised exam's picture stands beside the case's own of the same field (IMG-12).
    """
    looks = service_looks.looks_of(work, case.id)
    found = images.list_case_images(work, case.id)
    holders, closed = holders_of(work, found), recognition.closed_images(work, case.id, found)
    closed |= images.list_unsent(work, case, found)
    fields = _FIRST if protocol is None else protocol.fields
    ordered = sorted(found, key=lambda image: _place(image, fields))
    opening: set[str] = set()
    shots: dict[tuple[str, str], str] = {}
    films = []
    told = described_of(work, [each.instance for each in found if _may_be_sized(each)])
    for image in ordered:
        side = "" if image.eye is None else _SIDES[image.eye.value]
        is_kept = image.id not in closed
        is_open = image.instance.has_picture and is_kept
        video = (image.instance.video or "") if is_kept else ""
        is_first = (is_open or video != "") and side not in opening
        if is_first:
            opening.add(side)
        holder = holders[image.instance.institution_id]
        film = _film(image, side, looks.get(image.instance.id), holder, is_first=is_first)
        shot = _shot(image, shots) if is_open and not side else film.id
        spacing = spacing_throughout(told.get(image.instance.id, {}), film.frames)
        films.append(replace(film, has_picture=is_open, video=video, shot=shot, spacing=spacing))
    return films


def _shot(image: CaseImage, shots: dict[tuple[str, str], str]) -> str:
    """The place on the page: pictures of one series without an eye are scrolled in one place."""
    instance = image.instance
    series = instance.institution_id, instance.uids.series_instance_uid
    return shots.setdefault(series, instance.id)


def _place(image: CaseImage, fields: Sequence[FieldCode]) -> tuple[bool, int, str, bool, int]:
    field = image.field
    rank = fields.index(field) if field in fields else len(fields)
    is_left = image.eye is not None and image.eye.value == "left"
    return image.eye is None, rank, "" if field is None else field.value, is_left, image.position


def _film(
    image: CaseImage, side: str, look: Look | None, holder: Institution, *, is_first: bool
) -> Film:
    is_seen = look is not None and look.seen_at is not None
    return Film(
        id=image.instance.id,
        image_id=image.id,
        kind=image.instance.description.sop_class_uid,
        differs=image.instance.decoding == DIFFER,
        position=image.position,
        side=side,
        eye="" if image.eye is None else image.eye.value,
        field="" if image.field is None else image.field.value,
        urls=urls_of(image.instance, institution_code=holder.code),
        has_picture=image.instance.has_picture,
        video="",
        seen="full" if is_seen else "preview" if is_first and side else "none",
        left_out="" if look is None else look.left_out_reason,
        is_first=is_first,
        recognised_at=_taken_at(image) if image.row.is_recognised else None,
        recognised_from=holder if image.row.is_recognised else None,
        frames=image.instance.description.frames,
        shot=image.instance.id,
        day=local_day(_taken_at(image), zone=holder.zone).isoformat(),
        columns=image.instance.description.columns or 0,
        rows=image.instance.description.rows or 0,
        spacing=None,
    )


def _may_be_sized(image: CaseImage) -> bool:
    """What is surely a photograph has no size, and need not be asked."""
    return image.instance.has_picture and image.instance.description.modality not in PHOTOGRAPHS


def _taken_at(image: CaseImage) -> datetime:
    return image.instance.description.captured.at or image.instance.received_at
