"""What came from devices without a case, and the case into which some of it is taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.cases.images import service as images
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.machines import service as machines
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.storage.model import StorageRules
from consult.studies import service as studies
from consult.studies.conflicts import list_received_conflicts
from consult.studies.deliveries import service as deliveries
from consult.studies.quotas import service as quotas
from consult.studies.waiting import service as waiting
from consult.studies.waiting.service import WaitingStudy
from server.views.image_views import plain_name
from server.views.pictures import urls_of
from server.views.sign_in import in_tongue


@dataclass(frozen=True, slots=True)
class ReceivedRow:
    """One study that waits; `is_announced` where it names the number of the case in the banner."""

    id: str
    study_instance_uid: str
    count: int
    received_at: str
    study_on: str
    accession: str
    named_name: str
    named_number: str
    thumbnails: tuple[str, ...]
    is_announced: bool = False


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One picture of a camera that waits; its file's name is what the camera called it."""

    id: str
    camera: str
    file_name: str
    seen_at: str
    has_picture: bool


@dataclass(frozen=True, slots=True)
class AsideRow:
    """One study that somebody put aside, and why."""

    id: str
    count: int
    named_name: str
    named_number: str
    put_at: str
    put_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A file that came under the number of a stored image, and how that image is known."""

    id: str
    found_at: str
    named_name: str
    named_number: str
    thumbnail: str


@dataclass(frozen=True, slots=True)
class ReceivedList:
    """Everything of the institution that waits, and how many files collide with stored ones."""

    zone: str
    rows: tuple[ReceivedRow, ...]
    pictures: tuple[PictureRow, ...]
    conflict_ids: tuple[str, ...]
    conflicts: tuple[ConflictRow, ...]
    aside: tuple[AsideRow, ...]
    used_percent: int | None


@dataclass(frozen=True, slots=True)
class ReceivedForCase:
    """The same below the banner of one patient."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    zone: str
    rows: Sequence[ReceivedRow]
    pictures: Sequence[PictureRow]


def make_list(work: Work, *, rules: StorageRules, tongue: str) -> ReceivedList:
    """What waits at the actor's institution."""
    conflicts = _conflicts(work)
    return ReceivedList(
        organisations.get_institution(work, work.actor.institution).zone,
        tuple(_rows(work, number="")),
        tuple(_pictures(work)),
        tuple(each.id for each in conflicts),
        conflicts,
        _aside(work, tongue),
        used_percent(work, rules),
    )


def used_percent(work: Work, rules: StorageRules) -> int | None:
    """How much of its bound the acting institution uses, where people should be told."""
    usage = quotas.get_usage(work, work.actor.institution)
    return usage.percent if usage.is_near(rules.warn_percent) else None


def make_for_case(work: Work, case_id: str) -> ReceivedForCase:
    """What waits, what names this case first; raises CaseNotOpenForImagesError."""
    case = images.get_open_case(work, case_id)
    patient = patients.get_patient(work, case.patient_id)
    institution = organisations.get_institution(work, case.institution_id)
    today = institution.local_day(work.now)
    rows = _rows(work, number=case.number)
    return ReceivedForCase(
        case=case,
        patient=patient,
        age=patient.age_on(today),
        namesake=patients.is_namesake(work, patient),
        zone=institution.zone,
        rows=sorted(rows, key=lambda row: not row.is_announced),
        pictures=_pictures(work),
    )


def _conflicts(work: Work) -> tuple[ConflictRow, ...]:
    found = list_received_conflicts(work)
    code = organisations.get_institution(work, work.actor.institution).code
    stored = studies.list_instances(work, {each.instance_id for each in found})
    return tuple(
        ConflictRow(
            id=each.id,
            found_at=each.found_at.isoformat(),
            named_name=plain_name(instance.description.named_name),
            named_number=instance.description.named_number,
            thumbnail=urls_of(instance, institution_code=code).thumbnail
            if instance.has_picture
            else "",
        )
        for each in found
        if (instance := stored.get(each.instance_id)) is not None
    )


def _aside(work: Work, tongue: str) -> tuple[AsideRow, ...]:
    found = waiting.list_aside(work)
    names = practitioners.names_of(work, {each.put_by for each in found})
    return tuple(
        AsideRow(
            id=each.study.id,
            count=each.study.count,
            named_name=plain_name(each.study.named_name),
            named_number=each.study.named_number,
            put_at=each.put_at.isoformat(),
            put_by=""
            if (name := names.get(each.put_by)) is None
            else in_tongue(tongue, name.name, name.name_en),
            reason=each.reason,
        )
        for each in found
    )


def _rows(work: Work, *, number: str) -> list[ReceivedRow]:
    institution = organisations.get_institution(work, work.actor.institution)
    return [_row(each, institution.code, number) for each in waiting.list_waiting(work)]


def _pictures(work: Work) -> list[PictureRow]:
    found = deliveries.list_waiting(work)
    names = machines.names_of(work, {each.delivery.machine_id for each in found})
    return [
        PictureRow(
            id=each.delivery.upload_id,
            camera=names.get(each.delivery.machine_id, ""),
            file_name=each.file_name,
            seen_at=each.delivery.seen_at.isoformat(),
            has_picture=each.has_picture,
        )
        for each in found
    ]


def _row(each: WaitingStudy, code: str, number: str) -> ReceivedRow:
    return ReceivedRow(
        id=each.id,
        study_instance_uid=each.study_instance_uid,
        count=each.count,
        received_at=each.received_at.isoformat(),
        study_on=each.study_on,
        accession=each.accession,
        named_name=plain_name(each.named_name),
        named_number=each.named_number,
        thumbnails=tuple(
            urls_of(one, institution_code=code).thumbnail for one in each.shown if one.has_picture
        ),
        is_announced=bool(number) and each.accession == number[:16],
    )
