"""Corrections of a case: what was corrected, and what every correction has in common.

A wrong eye stands in service_eye.py, a wrong patient in service_patient.py.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from consult.cases import service as cases
from consult.cases.corrections import store
from consult.cases.corrections.errors import (
    NotCorrectedHereError,
    NotSentYetError,
    TakenElsewhereError,
)
from consult.cases.corrections.model import NOT_CORRECTED, Correction, CorrectionKind
from consult.cases.corrections.tables import ImageCorrectionRow
from consult.cases.images import service as images
from consult.cases.images.errors import ImageNotFoundError
from consult.cases.images.model import CaseImage
from consult.cases.images.sent import was_sent
from consult.cases.images.store import hold_case
from consult.cases.model import Case, CaseStatus
from consult.cases.protocol import FieldCode
from consult.journal.rows import kept
from consult.kernel.eyes import Eye
from consult.kernel.ids import new_id
from consult.kernel.work import SYSTEM, Work

KIND = "case.corrected"


def list_corrections(work: Work, case_id: str) -> list[Correction]:
    """What was corrected in a case that the actor may see, the first correction first."""
    return corrections_of(work, cases.get_case(work, case_id).id)


def corrections_of(work: Work, case_id: str) -> list[Correction]:
    """The same for a stage that has asked the policy about its own object."""
    return store.list_of_case(work.session, case_id)


def get_sent_case(work: Work, case_id: str, *, revision: int) -> Case:
    """A case of the acting institution whose pictures others may rely on, held until the unit ends.

    Raises NotCorrectedHereError for a draft and for a case that was withdrawn.
    """
    hold_case(work.session, case_id)
    case = cases.get_own_case(work, case_id)
    if case.status in NOT_CORRECTED or case.submitted_at is None:
        raise NotCorrectedHereError(case.status)
    cases.require_revision(case, revision)
    return case


def sent_image(work: Work, case: Case, image_id: str) -> CaseImage:
    """One picture of the case; raises NotSentYetError where only the inviting side has seen it.

    Raises TakenElsewhereError for an earlier exam's: whoever took it knows what it shows.
    """
    found = {image.id: image for image in images.list_every_image(work, case.id)}
    image = found.get(image_id)
    if image is None:
        raise ImageNotFoundError
    if image.row.is_recognised:
        raise TakenElsewhereError(image.position)
    if case.status is CaseStatus.RETURNED and not was_sent(work, case, image.row):
        raise NotSentYetError(image.position)
    return image


def pictures_elsewhere(
    work: Work, instance_ids: Collection[str], *, but: str
) -> Iterator[tuple[Case, list[CaseImage]]]:
    """Every other case in which these objects stand, held, with its pictures of them.

    The actor need not see that case: what she says of her own object holds wherever it stands.
    """
    by_case: dict[str, list[str]] = {}
    for case_id, image_id in store.cases_naming(work.session, instance_ids, but=but):
        by_case.setdefault(case_id, []).append(image_id)
    inside = replace(work, actor=SYSTEM)
    for case_id, image_ids in sorted(by_case.items()):
        hold_case(work.session, case_id)
        case = cases.get_case(inside, case_id)
        shown = {image.id: image for image in images.list_every_image(inside, case_id)}
        found = [shown[each] for each in image_ids if each in shown]
        if found:
            yield case, found


@dataclass(frozen=True, slots=True)
class After:
    """What a picture proved to be."""

    kind: CorrectionKind
    new_instance_id: str | None
    eye: Eye | None = None
    field: FieldCode | None = None
    to_case_id: str | None = None
    to_image_id: str | None = None


def keep_correction(work: Work, image: CaseImage, after: After) -> Correction:
    """Write down a picture's old and new state."""
    return store.save_correction(
        work.session,
        ImageCorrectionRow(
            id=new_id(),
            case_id=image.row.case_id,
            image_id=image.id,
            kind=after.kind,
            instance_id=image.instance.id,
            new_instance_id=after.new_instance_id,
            eye_before=image.row.eye,
            field_before=image.row.field,
            eye_after=after.eye,
            field_after=after.field,
            to_case_id=after.to_case_id,
            to_image_id=after.to_image_id,
            by_id=work.actor.person,
            at=work.now,
        ),
    )


def tell(work: Work, case: Case, made: list[Correction], *, reason: str) -> Case:
    """Put it on the case's story: whoever works with an older revision meets a newer one.

    The case stands where it stood, with whom it stood: what rests on the picture is undone by
    nobody but a person.
    """
    first = made[0]
    codes = {
        "kind": first.kind.value,
        "count": len(made),
        "eye_before": first.eye_before,
        "field_before": first.field_before,
        "eye_after": first.eye_after,
        "field_after": first.field_after,
        **{f"correction_{n}": each.id for n, each in enumerate(made, 1)},
        **{f"instance_{n}": each.instance_id for n, each in enumerate(made, 1)},
        **kept(work, ImageCorrectionRow, *(each.id for each in made)),
    }
    said = cases.Said(codes=codes, words={"reason": reason} if reason else {})
    return cases.change(work, case, kind=KIND, said=said)
