"""Images reach their case: filed for the patient in the banner, doubted, never guessed about."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from consult.cases.images import doubts, store
from consult.cases.images.model import EVIDENCE, Arrival, ImageRow, ImageRules, NewImage, Source
from consult.cases.images.service import get_open_case
from consult.cases.images.service_clock import with_clocks
from consult.cases.model import Case
from consult.kernel.work import Entry, Work
from consult.studies import ingest
from consult.studies import service as studies
from consult.studies.conflicts import drop_blobs
from consult.studies.deliveries import service as deliveries
from consult.studies.model import Ingested, Instance, Verdict
from consult.studies.quality import QualityCheck, QualityVerdict
from consult.studies.quotas.errors import QuotaFullError
from consult.studies.uploads import service as uploads
from consult.studies.uploads.model import FileResult, FileVerdict, Upload

Taken = FileResult


def take_in_images(
    work: Work,
    *,
    case_id: str,
    received: Sequence[Arrival],
    rules: ImageRules,
    reason: str | None = None,
) -> list[Taken]:
    """File what arrived for the case's patient and say what became of each.

    Bytes that lie under another patient of the institution wait for a `reason`.

    Raises CaseNotOpenForImagesError: the case was submitted meanwhile. Raises
    InstanceRacedError: the same object is being stored at this moment; try again.
    """
    case = get_open_case(work, case_id)
    arrivals = with_clocks(work, case, received, rules=rules)
    return [_take(work, case, arrival, rules=rules, reason=reason) for arrival in arrivals]


def find_known(
    work: Work, *, case_id: str, file_name: str, sha256: str, reason: str | None
) -> Taken | None:
    """What is known of these bytes before anybody looks into them; None when they are new."""
    case = get_open_case(work, case_id)
    asked = _ask_about_bytes(work, case, file_name, sha256, reason)
    if asked is not None:
        return asked
    held = studies.list_same_bytes(work, institution_id=case.institution_id, sha256=sha256)
    for instance in held:
        image = store.find_image(work, case_id=case.id, instance_id=instance.id)
        if image is not None and not image.is_removed:
            return None if _name_differs(image, file_name) else _known(image, instance, file_name)
    return None


@dataclass(frozen=True, slots=True)
class Held:
    """The images of a case by what a directory may name them by."""

    uids: frozenset[str]
    names: frozenset[str] = field(repr=False)


def list_held(work: Work, *, case_id: str) -> Held:
    """What an open case holds, for comparing with a directory."""
    images = store.list_images(work, get_open_case(work, case_id).id)
    found = studies.list_instances(work, [image.instance_id for image in images])
    return Held(
        frozenset(each.uids.sop_instance_uid for each in found.values()),
        frozenset(image.file_name.casefold().rstrip(".") for image in images),
    )


def finish_upload(
    work: Work,
    *,
    upload: Upload,
    arrivals: Sequence[Arrival],
    others: Sequence[FileResult],
    rules: ImageRules,
) -> list[FileResult]:
    """Take in what an upload brought and write its results, in one unit."""
    taken = list(others)
    if arrivals:
        taken += take_in_images(
            work, case_id=upload.case_id, received=arrivals, rules=rules, reason=upload.reason
        )
    uploads.finish_upload(work, upload.id, results=taken)
    if not any(each.verdict is FileVerdict.ASKED for each in taken):
        deliveries.forget_blobs(work, upload.id)
    return taken


def _take(
    work: Work, case: Case, arrival: Arrival, *, rules: ImageRules, reason: str | None
) -> Taken:
    received, name = arrival.received, arrival.file_name
    asked = _ask_about_bytes(work, case, name, received.source_sha256, reason)
    if asked is not None:
        drop_blobs(work, [blob.key for blob in received.blobs.values()])
        return asked
    found = _ingest(work, case, arrival)
    if isinstance(found, FileResult):
        return found
    instance = studies.current_of(work, found.instance)
    image = store.find_image(work, case_id=case.id, instance_id=instance.id)
    if image is None or image.is_removed:
        return add_image(work, case, arrival, instance, rules=rules, removed=image)
    if _differs(image, arrival):
        return FileResult(name, FileVerdict.REFUSED, "same-bytes-other-eye")
    return _known(image, instance, name)


def _ingest(work: Work, case: Case, arrival: Arrival) -> Ingested | Taken:
    """The instance that it became or is, or the refusal."""
    received = arrival.received
    try:
        found = ingest.ingest(
            work,
            received,
            institution_id=case.institution_id,
            patient_id=case.patient_id,
            case_id=case.id,
        )
    except QuotaFullError as full:
        drop_blobs(work, [blob.key for blob in received.blobs.values()])
        return FileResult(arrival.file_name, FileVerdict.REFUSED, full.code)
    return _refusal_of(found, arrival.file_name) or found


def add_image(
    work: Work,
    case: Case,
    arrival: Arrival,
    instance: Instance,
    *,
    rules: ImageRules,
    removed: ImageRow | None,
) -> Taken:
    """Put a filed instance into an open case, and ask what only a person can answer.

    What is known of its camera's clock (`with_clocks`) is in its evidence.
    """
    is_again = removed is not None
    offset_s = arrival.evidence.clock_offset_s
    question_ids = doubts.raise_doubts(
        work, case, instance, rules=rules, clock_offset_s=offset_s, is_again=is_again
    )
    image = NewImage(instance.id, arrival.file_name, arrival.evidence, tuple(question_ids))
    image_id = store.save_image(work, image, case_id=case.id, removed=removed)
    codes: dict[str, str | int | None] = {
        source.value: eye.value for source, eye in arrival.evidence.eyes.items()
    }
    if offset_s:
        codes["clock_offset_s"] = offset_s
    check = instance.description.quality
    if check is not None:
        codes |= {"quality": check.verdict, "quality_rules": check.version}
    work.journal(
        Entry(
            "image.added",
            "instance",
            instance.id,
            codes={"image": image_id, "questions": len(question_ids), "again": is_again, **codes},
            words={"file_name": arrival.file_name},
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
    return FileResult(
        arrival.file_name,
        FileVerdict.STORED,
        instance.description.picture_reason or _advice(check),
        image_id=image_id,
        has_picture=instance.has_picture,
    )


def _advice(check: QualityCheck | None) -> str:
    """What is so wrong that the photograph is better taken again; empty where nothing is."""
    if check is None or check.verdict is not QualityVerdict.RETAKE or check.worst is None:
        return ""
    return check.worst.fault


def _refusal_of(found: Ingested, name: str) -> Taken | None:
    if found.verdict is Verdict.CONFLICT:
        return FileResult(name, FileVerdict.CONFLICT, "image-conflict")
    if found.instance.withdrawn_at is not None:
        return FileResult(name, FileVerdict.REFUSED, "image-other-patient")
    return None


def _ask_about_bytes(
    work: Work, case: Case, file_name: str, sha256: str, reason: str | None
) -> Taken | None:
    """The question with both case numbers (U1 iv), or None; with a reason it is written down."""
    held = studies.list_same_bytes(work, institution_id=case.institution_id, sha256=sha256)
    elsewhere = store.case_numbers_of(
        work.session, [each.id for each in held], not_of_patient=case.patient_id
    )
    if not elsewhere:
        return None
    other_id, number = elsewhere[0]
    if reason is None:
        facts = {"own": case.number, "other": number}
        return FileResult(file_name, FileVerdict.ASKED, "same-bytes-other-patient", facts)
    codes = {"sha256": sha256, "other_case": other_id}
    words = {"reason": reason}
    work.journal(
        Entry("image.same_bytes_kept", "case", case.id, codes=codes, words=words, case_id=case.id)
    )
    return None


def _known(image: ImageRow, instance: Instance, file_name: str) -> Taken:
    return FileResult(
        file_name,
        FileVerdict.KNOWN,
        "image-known",
        image_id=image.id,
        has_picture=instance.has_picture,
    )


def _differs(image: ImageRow, arrival: Arrival) -> bool:
    """Whether the same bytes are now offered as the other eye."""
    offered = arrival.evidence.eyes.get(Source.FILE_NAME)
    earlier = {image.evidence.eyes.get(source) for source in EVIDENCE} | {image.eye}
    return offered is not None and offered.other in earlier and offered not in earlier


def _name_differs(image: ImageRow, file_name: str) -> bool:
    """A new name may tell another eye, so that the file must be looked at again."""
    return image.file_name != file_name
