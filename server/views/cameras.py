"""Cameras on a draft's page and as JSON, and what their computers are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from consult.access.model import Action
from consult.cases.directions import service as directions
from consult.cases.directions.model import Camera
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.studies.deliveries.model import Told
from server.moments import format_moment
from server.requests import language, signed_in
from server.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class CameraView:
    """A camera: with this patient, with another, or with nobody."""

    machine_id: str
    name: str
    place: str
    ends_at: datetime | None
    ends_text: str = ""


@dataclass(frozen=True, slots=True)
class CamerasView:
    """The cameras of the institution as this draft sees them."""

    case_id: str
    cameras: tuple[CameraView, ...]

    def said_to(self, request: web.Request) -> "CamerasView":
        """The same, with times as the reader's institution reckons."""
        zone, tongue = signed_in(request).zone, language(request)
        return CamerasView(
            self.case_id,
            tuple(
                CameraView(
                    each.machine_id,
                    each.name,
                    each.place,
                    each.ends_at,
                    ""
                    if each.ends_at is None
                    else format_moment(each.ends_at, zone=zone, language=tongue),
                )
                for each in self.cameras
            ),
        )


@dataclass(frozen=True, slots=True)
class FateView:
    """What became of one file, as its sender is told; the code says why it was refused."""

    id: str
    fate: str
    code: str


@dataclass(frozen=True, slots=True)
class FatesView:
    """What became of what was asked about."""

    sent: tuple[FateView, ...]


def of_case(work: Work, case_id: str) -> CamerasView:
    """The cameras for a case of the actor's own institution."""
    case = images.get_own_case(work, case_id)
    found = tuple(_of_camera(each, case) for each in directions.list_cameras(work))
    return CamerasView(case.id, found)


def make_part(work: Work, case: Case, rules: Rulebook) -> CamerasView | None:
    """The cameras on a draft's page; none where there is no camera, or nothing to send to it."""
    if not rules.roles.permits(work.actor, Action.PREPARE_CASE):
        return None
    if case.institution_id != work.actor.institution_id:
        return None
    if case.status not in images.OPEN_FOR_IMAGES:
        return None
    view = of_case(work, case.id)
    return view if view.cameras else None


def of_fates(told: Sequence[Told]) -> FatesView:
    """The answer to a heartbeat."""
    return FatesView(tuple(FateView(each.upload_id, each.fate.value, each.code) for each in told))


def _of_camera(camera: Camera, case: Case) -> CameraView:
    place = "nobody"
    if camera.case_id is not None:
        place = "here" if camera.case_id == case.id else "elsewhere"
    return CameraView(camera.machine_id, camera.name, place, camera.ends_at)
