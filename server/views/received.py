"""What came from devices without a case, and the case into which some of it is taken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from consult.cases.images import service as images
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.machines import service as machines
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.patients.names import search_keys
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

_ACCESSION: Final = 16  # SH, PS3.5 6.2


@dataclass(frozen=True, slots=True)
class ReceivedRow:
    """One study that waits; what its header says is set beside the case in the banner.

    `is_announced` where it names the case's number, `is_alike` where it names the patient so.
    """

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
    is_alike: bool = False


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
    next_page: int | None


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
    next_page: int | None


def make_list(work: Work, *, rules: StorageRules, tongue: str, page: int) -> ReceivedList:
    """What waits at the actor's institution; what is no study stands on the first page."""
    institution = organisations.get_institution(work, work.actor.institution)
    listed, has_more = waiting.list_waiting(work, page=page)
    conflicts = _conflicts(work) if page == 1 else ()
    return ReceivedList(
        institution.zone,
        tuple(_row(each, institution.code) for each in listed),
        tuple(_pictures(work)) if page == 1 else (),
        tuple(each.id for each in conflicts),
        conflicts,
        _aside(work, tongue) if page == 1 else (),
        used_percent(work, rules),
        page + 1 if has_more else None,
    )


def used_percent(work: Work, rules: StorageRules) -> int | None:
    """How much of its bound the acting institution uses, where people should be told."""
    usage = quotas.get_usage(work, work.actor.institution)
    return usage.percent if usage.is_near(rules.warn_percent) else None


def make_for_case(work: Work, case_id: str, *, page: int) -> ReceivedForCase:
    """What waits, and before it what names the case or its patient, however long it has waited.

    Raises CaseNotOpenForImagesError.
    """
    case = images.get_open_case(work, case_id)
    patient = patients.get_patient(work, case.patient_id)
    institution = organisations.get_institution(work, case.institution_id)
    number, names = case.number[:_ACCESSION], [patient.name, *search_keys(patient.name).full]
    naming = waiting.list_naming(work, accession=number, names=names)
    listed, has_more = waiting.list_waiting(work, page=page)
    known = {each.id for each in naming}
    first = [
        replace(
            _row(each, institution.code),
            is_announced=each.accession == number,
            is_alike=each.accession != number,
        )
        for each in (naming if page == 1 else ())
    ]
    rest = [_row(each, institution.code) for each in listed if each.id not in known]
    return ReceivedForCase(
        case=case,
        patient=patient,
        age=patient.age_on(institution.local_day(work.now)),
        namesake=patients.is_namesake(work, patient),
        zone=institution.zone,
        rows=[*sorted(first, key=lambda row: not row.is_announced), *rest],
        pictures=_pictures(work) if page == 1 else (),
        next_page=page + 1 if has_more else None,
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


def _row(each: WaitingStudy, code: str) -> ReceivedRow:
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
    )
