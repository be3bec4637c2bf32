"""What institutions can do, who can do all of it, and which hospital is a clinic's hub (ID-06)."""

from collections.abc import Collection
from dataclasses import dataclass

from consult.access.model import ObjectType
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import InstitutionId
from consult.kernel.work import Entry, Work
from consult.people.organisations import consortia, scope
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution, Standing
from consult.people.routing import store


@dataclass(frozen=True, slots=True)
class Able:
    """An institution, what it can do, and what it lacks of what was asked."""

    institution: Institution
    capabilities: frozenset[str]
    lacks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chain:
    """The second-level and the third-level hospital that a clinic has signed with (1+1+1)."""

    second_id: InstitutionId | None
    third_id: InstitutionId | None

    @property
    def hospital_ids(self) -> frozenset[InstitutionId]:
        """Both, where they are named."""
        return frozenset(each for each in (self.second_id, self.third_id) if each is not None)


def list_able(work: Work, *, needed: Collection[str]) -> list[Able]:
    """The institutions within reach, those first that can do all of it, then who lacks least."""
    places = [each for each in organisations.list_institutions(work) if each.stopped_at is None]
    known = capabilities_of(work, {each.id for each in places})
    found = [Able(each, known[each.id], frozenset(needed) - known[each.id]) for each in places]
    return sorted(found, key=lambda each: (len(each.lacks), each.institution.name))


def capabilities_of(
    work: Work, institution_ids: Collection[InstitutionId]
) -> dict[InstitutionId, frozenset[str]]:
    """What these institutions can do; between stages that is no secret."""
    return store.capabilities_of(work.session, institution_ids)


def set_capabilities(
    work: Work, *, institution_id: str, codes: frozenset[str], known: Collection[str]
) -> None:
    """Say what an institution within the administrator's reach can do.

    Raises RefusedError for a code that config/terms does not know.
    """
    require_reach(work, institution_id)
    if not codes <= set(known):
        raise RefusedError("field-not-a-choice", field="codes")
    store.save_capabilities(work.session, institution_id, codes, at=work.now)
    told = {"capabilities": " ".join(sorted(codes))}
    work.journal(
        Entry("institution.capabilities_set", ObjectType.INSTITUTION, institution_id, codes=told)
    )


def chain_of(work: Work, institution_id: str) -> Chain:
    """The chain of a clinic; empty where none was written."""
    second_id, third_id = store.find_chain(work.session, institution_id)
    return Chain(
        None if second_id is None else InstitutionId(second_id),
        None if third_id is None else InstitutionId(third_id),
    )


def set_chain(
    work: Work, *, institution_id: str, second_id: str | None, third_id: str | None
) -> None:
    """Write a clinic's chain; raises RefusedError for a hospital that is not within reach."""
    require_reach(work, institution_id)
    reach = {each.id for each in organisations.list_institutions(work)} - {institution_id}
    for field, each in (("second_id", second_id), ("third_id", third_id)):
        if each is not None and each not in reach:
            raise RefusedError("field-not-a-choice", field=field)
    if second_id is not None and second_id == third_id:
        raise RefusedError("field-not-a-choice", field="third_id")
    store.save_chain(
        work.session, institution_id, second_id=second_id, third_id=third_id, at=work.now
    )
    codes = {"second": second_id, "third": third_id}
    work.journal(
        Entry("institution.chain_set", ObjectType.INSTITUTION, institution_id, codes=codes)
    )


def hubs_of(work: Work, institution_id: str, consortium_ids: Collection[str]) -> frozenset[str]:
    """The clinic's hub: the second-level hospital of its chain, else the lead hospitals."""
    second_id = chain_of(work, institution_id).second_id
    if second_id is not None:
        return frozenset({second_id})
    return frozenset(
        member.institution.id
        for consortium_id in sorted(set(consortium_ids))
        for member in consortia.list_members(work, consortium_id)
        if member.standing is Standing.LEAD
    )


def require_reach(work: Work, institution_id: str) -> None:
    """Raises NotFoundError for an institution that is not within the administrator's reach."""
    scope.require(work, ObjectType.INSTITUTION, institution_id)
    if institution_id not in {each.id for each in organisations.list_institutions(work)}:
        raise NotFoundError
