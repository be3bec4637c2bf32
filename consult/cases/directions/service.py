"""A person sends a camera's pictures to the patient before her, and to nobody else (U1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.cases import store as case_store
from consult.cases.directions import store
from consult.cases.directions.errors import CameraElsewhereError, CameraUnknownError
from consult.cases.directions.model import Camera, CameraRules, Direction, find_patient_of
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work
from consult.people.machines import service as machines
from consult.studies.deliveries import service as deliveries
from consult.studies.deliveries.model import Delivery
from consult.studies.uploads import service as uploads
from consult.studies.uploads.model import Upload

_AT_ONCE = 100


def direct_camera(work: Work, *, case_id: str, machine_id: str, rules: CameraRules) -> None:
    """Have a camera's pictures come to this draft, until another takes it or the time is over.

    Raises CaseNotOpenForImagesError, and CameraUnknownError for a machine that is none of ours.
    """
    case = images.get_open_case(work, case_id)
    if machine_id not in {machine.id for machine in machines.list_cameras(work)}:
        raise CameraUnknownError
    for before in store.list_open(work.session, machine_ids=[machine_id], now=work.now):
        _end(work, before, why="renewed" if before.case_id == case.id else "another")
    direction = Direction(
        id=new_id(),
        machine_id=machine_id,
        case_id=case.id,
        begun_by=work.actor.person,
        begun_at=work.now,
        ends_at=work.now + rules.direction,
        ended_at=None,
    )
    store.save_new(work.session, direction)
    images.note_opening(work, case)
    _journal(work, "camera.directed", direction, {"ends_at": direction.ends_at.isoformat()}, case)


def release_camera(work: Work, *, case_id: str, machine_id: str) -> None:
    """The camera's pictures wait for a person again; raises CameraElsewhereError."""
    case = images.get_own_case(work, case_id)
    found = store.list_open(work.session, machine_ids=[machine_id], now=work.now)
    held = [each for each in found if each.case_id == case.id]
    if not held:
        raise CameraElsewhereError
    for direction in held:
        _end(work, direction, why="person")


def end_directions(work: Work) -> None:
    """End what is over by its time, or whose case takes no pictures any more."""
    for direction in store.list_over(
        work.session, now=work.now, open_statuses=images.OPEN_FOR_IMAGES, limit=_AT_ONCE
    ):
        _end(work, direction, why="time" if direction.ends_at <= work.now else "case")


def list_cameras(work: Work) -> Sequence[Camera]:
    """The cameras of the actor's institution, and with whose draft each is now."""
    found = machines.list_cameras(work)
    now_at = {
        each.machine_id: each
        for each in store.list_open(
            work.session, machine_ids=[machine.id for machine in found], now=work.now
        )
    }
    return [_as_camera(each.id, each.name, now_at.get(each.id)) for each in found]


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload that is worked on now, and whether a machine sent it."""

    upload: Upload
    is_delivery: bool


def begin_upload(work: Work, upload_id: str, *, rules: CameraRules) -> Begun | None:
    """Take a whole upload for work, in the case whose turn it was or in none (U1).

    None when it is taken, finished or gone.
    """
    upload = uploads.begin_work(work, upload_id)
    if upload is None:
        return None
    delivery = deliveries.find_delivery(work, upload_id)
    if delivery is None or upload.known_case_id is not None:
        return Begun(upload, delivery is not None)
    return Begun(_place(work, upload, delivery, rules), is_delivery=True)


def _place(work: Work, upload: Upload, delivery: Delivery, rules: CameraRules) -> Upload:
    """The upload in the case whose turn it was, or as it is where a person must say."""
    direction = _find_direction(work, delivery, rules)
    if direction is None:
        return upload
    case = case_store.find_case(work, direction.case_id)
    if case is None or case.status not in images.OPEN_FOR_IMAGES:
        return upload
    placed = deliveries.place(work, upload, case_id=case.id, person=direction.begun_by)
    codes = {"direction": direction.id, "machine": direction.machine_id}
    work.journal(Entry("delivery.placed", "upload", upload.id, codes=codes, case_id=case.id))
    return placed


def take_pictures(work: Work, *, case_id: str, upload_ids: Sequence[str]) -> None:
    """Take pictures that wait into an open case, by the ordinary way of an upload."""
    case = images.get_open_case(work, case_id)
    deliveries.take_pictures(work, upload_ids, case_id=case.id)


def _find_direction(work: Work, delivery: Delivery, rules: CameraRules) -> Direction | None:
    since = delivery.seen_at - rules.direction
    if delivery.written_at is not None:
        since = min(since, delivery.written_at)
    return find_patient_of(
        store.list_since(work.session, machine_id=delivery.machine_id, since=since),
        seen_at=delivery.seen_at,
        written_at=delivery.written_at,
        now=work.now,
        latest=rules.latest,
    )


def _end(work: Work, direction: Direction, *, why: str) -> None:
    if store.save_ended(work.session, direction.id, at=work.now):
        case = case_store.find_case(work, direction.case_id)
        _journal(work, "camera.released", direction, {"why": why}, case)


def _journal(
    work: Work, kind: str, direction: Direction, codes: dict[str, str], case: Case | None
) -> None:
    work.journal(
        Entry(
            kind,
            "machine",
            direction.machine_id,
            codes={"direction": direction.id, **codes},
            case_id=direction.case_id,
            patient_id=None if case is None else case.patient_id,
        )
    )


def _as_camera(machine_id: str, name: str, direction: Direction | None) -> Camera:
    if direction is None:
        return Camera(machine_id, name, None, None)
    return Camera(machine_id, name, direction.case_id, direction.ends_at)
