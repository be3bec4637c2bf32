"""The images of a case, numbered once and for all in capture order."""

from collections.abc import Iterable, Sequence

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.cases import store as case_store
from consult.cases.images import store
from consult.cases.images.model import CaseImage
from consult.cases.images.proposals import propose
from consult.cases.model import Case, CaseStatus
from consult.cases.protocol import CaptureProtocol
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work
from consult.studies import service as studies


def list_case_images(
    work: Work, case_id: str, *, protocol: CaptureProtocol | None = None
) -> list[CaseImage]:
    """The images of a case in capture order, for whoever may see the case.

    An image that was replaced by a retake is left out, and keeps its number.
    """
    found = list_every_image(work, case_id, protocol=protocol)
    return [image for image in found if image.row.replaced_at is None]


def list_every_image(
    work: Work, case_id: str, *, protocol: CaptureProtocol | None = None
) -> list[CaseImage]:
    """As `list_case_images`, with those that were replaced: what a reader may have relied on."""
    policy.require_seen(work, Ref(ObjectType.CASE, case_id))
    case = case_store.find_case(work, case_id)
    if case is None:
        raise NotFoundError
    rows = store.list_images(work, case_id)
    instances = studies.list_instances(work, [row.instance_id for row in rows])
    pairs = [(row, instances[row.instance_id]) for row in rows if row.instance_id in instances]
    first_eye = store.first_eye_of(work.session, case.institution_id)
    return propose(pairs, protocol=protocol, first_eye=first_eye)


def by_standing(found: Sequence[CaseImage]) -> tuple[list[CaseImage], list[CaseImage]]:
    """The images that hold, and those whose place another has taken."""
    standing = [image for image in found if image.row.replaced_at is None]
    return standing, [image for image in found if image.row.replaced_at is not None]


def list_unsent(work: Work, case: Case, found: Iterable[CaseImage]) -> frozenset[str]:
    """Which of a returned case's images lie in a study that this reader was not sent yet."""
    if case.status is not CaseStatus.RETURNED or case.institution_id == work.actor.institution_id:
        return frozenset()
    by_study: dict[str, set[str]] = {}
    for image in found:
        by_study.setdefault(image.instance.study_id, set()).add(image.id)
    shut = (
        ids
        for study_id, ids in by_study.items()
        if not policy.may_see(
            work.session, work.actor, Ref(ObjectType.STUDY, study_id), now=work.now
        )
    )
    return frozenset().union(*shut)
