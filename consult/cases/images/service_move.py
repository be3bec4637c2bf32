"""Images that stand in the wrong case: taken out of a draft, or moved to another patient's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import store as case_store
from consult.cases.images import doubts, question_store, sent, store
from consult.cases.images.errors import (
    CaseNotOpenForImagesError,
    ImageNotFoundError,
    MoveTargetError,
)
from consult.cases.images.labels import Labels, labels_of
from consult.cases.images.model import ImageRow, ImageRules
from consult.cases.images.service import OPEN_FOR_IMAGES, get_open_case, get_own_case
from consult.cases.model import Case
from consult.cases.tables import CaseRow
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Entry, Work
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.patients.names import NameRules
from consult.studies import service as studies
from consult.studies.model import Instance, Origin
from consult.studies.service import Refiled

MOST_TARGETS = 50


@dataclass(frozen=True, slots=True)
class Target:
    """A draft into which a set may be moved."""

    case: Case
    patient: Patient


def list_targets(work: Work, case_id: str) -> list[Target]:
    """Other open drafts of the institution, the newest first."""
    case = get_own_case(work, case_id)
    drafts = case_store.list_of_institution(
        work,
        institution_id=case.institution_id,
        statuses=OPEN_FOR_IMAGES,
        seen=policy.seen_clause(work, ObjectType.CASE, CaseRow.id),
        before=None,
        limit=MOST_TARGETS,
    )
    known = patients.patients_by_id(work, {draft.patient_id for draft in drafts})
    return [
        Target(draft, known[draft.patient_id])
        for draft in drafts
        if draft.id != case.id and draft.patient_id in known
    ]


def remove_images(work: Work, case_id: str, *, image_ids: Sequence[str], reason: str) -> None:
    """Take images out of a case; what a submission rested on stays stored."""
    case = get_open_case(work, case_id)
    rows = _rows(work, case, image_ids)
    instances = studies.list_instances(work, [row.instance_id for row in rows])
    for row in rows:
        instance = instances[row.instance_id]
        if sent.was_sent(work, case, row):
            store.change_images(work.session, [row.id], removed_at=work.now)
        else:
            store.delete_image(work.session, row.id)
            if not store.is_used(work.session, instance.id):
                studies.forget_instance(work, instance)
        codes = {"image": row.id, "source_sha256": instance.source_sha256}
        _journal(work, case, "image.removed", instance, codes, reason)
    _forget_questions(work, case)


@dataclass(frozen=True, slots=True)
class Move:
    """Which images, or with none named the whole set, go from which case into which, and why."""

    case_id: str
    to_case_id: str
    image_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What must be made anew before a set can move: photographs carry their patient's name."""

    labels: Labels
    photographs: tuple[Instance, ...]


def plan_move(work: Work, move: Move, *, names: NameRules) -> MovePlan:
    """The wrapped photographs of the set, and the labels that they get.

    Raises MoveTargetError: the target is no open case of this institution.
    """
    case, target = _both(work, move.case_id, move.to_case_id)
    rows = _moving(work, case, move)
    instances = studies.list_instances(work, [row.instance_id for row in rows])
    sent.require_unsent(work, case, rows)
    made = [each for each in instances.values() if each.description.origin is Origin.PHOTOGRAPH]
    return MovePlan(labels_of(work, target, names=names), tuple(made))


def move_images(
    work: Work,
    move: Move,
    *,
    refiled: Mapping[str, Refiled],
    rules: ImageRules,
) -> int:
    """Move a set to another open draft; there it is doubted and confirmed anew.

    Raises MoveTargetError: the target is no open case of this institution. Raises ImageSentError:
    it was sent with a submission, and is corrected instead.
    """
    case, target = _both(work, move.case_id, move.to_case_id)
    rows = _moving(work, case, move)
    sent.require_unsent(work, case, rows)
    instances = studies.list_instances(work, [row.instance_id for row in rows])
    for row in rows:
        instance = instances[row.instance_id]
        change = refiled.get(instance.id) or _same_bytes(instance)
        studies.refile_instance(work, change, patient_id=target.patient_id)
        moved = studies.get_instance(work, instance.id)
        codes = {"image": row.id, "from_case": case.id, "to_case": target.id}
        codes |= {"before_sha256": instance.original.sha256, "after_sha256": moved.original.sha256}
        for place in (case, target):
            _journal(work, place, "image.moved", moved, codes, move.reason)
        _save(work, row, target, moved, rules=rules)
    _forget_questions(work, case)
    return len(rows)


def _save(
    work: Work, row: ImageRow, target: Case, instance: Instance, *, rules: ImageRules
) -> None:
    store.change_images(
        work.session,
        [row.id],
        case_id=target.id,
        chosen_eye=row.eye or row.chosen_eye,
        chosen_field=row.field or row.chosen_field,
        eye=None,
        field=None,
        confirmed_by=None,
        confirmed_at=None,
        question_ids=doubts.raise_doubts(
            work, target, instance, rules=rules, clock_offset_s=row.evidence.clock_offset_s
        ),
        added_at=work.now,
    )


def _same_bytes(instance: Instance) -> Refiled:
    return Refiled(instance.id, instance.uids, instance.original.key)


def _both(work: Work, case_id: str, to_case_id: str) -> tuple[Case, Case]:
    """Both cases, held in the order of their ids, so that two moves never wait for each other."""
    for each in sorted({case_id, to_case_id}):
        store.hold_case(work.session, each)
    case = get_open_case(work, case_id)
    try:
        target = get_open_case(work, to_case_id)
    except (NotFoundError, CaseNotOpenForImagesError):
        raise MoveTargetError from None
    if target.id == case.id or target.institution_id != case.institution_id:
        raise MoveTargetError
    return case, target


def _moving(work: Work, case: Case, move: Move) -> list[ImageRow]:
    return _rows(work, case, move.image_ids) if move.image_ids else _standing(work, case.id)


def _rows(work: Work, case: Case, image_ids: Collection[str]) -> list[ImageRow]:
    rows = {row.id: row for row in _standing(work, case.id)}
    if not set(image_ids) <= set(rows):
        raise ImageNotFoundError
    return [rows[image_id] for image_id in dict.fromkeys(image_ids)]


def _standing(work: Work, case_id: str) -> list[ImageRow]:
    """The case's own pictures that hold; an earlier exam's neither move nor vanish from here."""
    found = store.list_images(work, case_id)
    return [row for row in found if row.replaced_at is None and not row.is_recognised]


def _forget_questions(work: Work, case: Case) -> None:
    kept = [
        question_id for row in store.list_images(work, case.id) for question_id in row.question_ids
    ]
    question_store.forget_questions(work.session, case.id, kept=kept)


def _journal(
    work: Work, case: Case, kind: str, instance: Instance, codes: Mapping[str, str], reason: str
) -> None:
    words = {"reason": reason} if reason else {}
    work.journal(
        Entry(
            kind,
            "instance",
            instance.id,
            codes=codes,
            words=words,
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )
