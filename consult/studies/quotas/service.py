"""How much an institution keeps: counted in the unit of each change, bounded by an administrator.

What comes in anew is bounded. What corrects or replaces a stored image is counted and never
refused: a picture must reach the right patient also where there is no room.
"""

from consult.access.model import ObjectType
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import InstitutionId
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.studies.quotas import store
from consult.studies.quotas.errors import QuotaFullError
from consult.studies.quotas.model import Usage


def charge(work: Work, institution_id: str, *, size_bytes: int, instances: int) -> None:
    """Count what comes in; raises QuotaFullError, and then nothing was counted.

    Asked before any other row is written: whoever waits here for another unit holds nothing yet.
    """
    if not store.add(
        work.session, institution_id, size_bytes=size_bytes, instances=instances, is_bound=True
    ):
        raise QuotaFullError


def count(work: Work, institution_id: str, *, size_bytes: int, instances: int = 0) -> None:
    """Count what goes, or what takes the place of something, whatever the bound."""
    store.add(
        work.session, institution_id, size_bytes=size_bytes, instances=instances, is_bound=False
    )


def require_room(work: Work, institution_id: str, *, size_bytes: int) -> None:
    """Raises QuotaFullError before a file is sent for nothing; the unit that files it decides."""
    if not get_usage(work, institution_id).has_room_for(size_bytes):
        raise QuotaFullError


def get_usage(work: Work, institution_id: str) -> Usage:
    """What an institution keeps."""
    return store.find(work.session, institution_id) or Usage(InstitutionId(institution_id))


def list_usage(work: Work) -> list[tuple[Institution, Usage]]:
    """Every institution within the administrator's reach, with what it keeps."""
    reached = organisations.list_institutions(work)
    found = store.list_usage(work.session, {each.id for each in reached})
    return [(each, found.get(each.id, Usage(each.id))) for each in reached]


def set_bounds(
    work: Work, *, institution_id: str, most_bytes: int | None, most_instances: int | None
) -> None:
    """Bound what an institution may keep; below what it keeps, nothing goes and nothing comes in.

    Raises NotFoundError for an institution out of the administrator's reach.
    """
    if institution_id not in {each.id for each in organisations.list_institutions(work)}:
        raise NotFoundError
    store.make(work.session, institution_id)
    store.save_bounds(
        work.session, institution_id, most_bytes=most_bytes, most_instances=most_instances
    )
    codes = {"most_bytes": most_bytes, "most_instances": most_instances}
    work.journal(Entry("quota.set", ObjectType.INSTITUTION, institution_id, codes=codes))
