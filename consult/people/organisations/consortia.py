"""Consortia: founding one, taking members in, naming the lead hospital."""

from consult.access import oversight
from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.errors import ConflictError, NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import scope, store
from consult.people.organisations.errors import LeaderStaysError, NotAMemberError
from consult.people.organisations.model import Consortium, Institution, Member, Standing
from consult.people.organisations.service import NewInstitution, add_institution
from consult.people.organisations.tables import ConsortiumRow, MembershipRow


class AlreadyMemberError(ConflictError):
    """The institution already belongs to the consortium."""

    def __init__(self) -> None:
        super().__init__("already-member")


def add_consortium(work: Work, *, name: str, name_en: str, lead_id: str) -> Consortium:
    """Found a consortium with its lead hospital."""
    consortium_id = new_id()
    row = ConsortiumRow(id=consortium_id, name=name, name_en=name_en, added_at=work.now, revision=1)
    store.save_consortium(work.session, row)
    access.keep(
        work,
        Ref(ObjectType.CONSORTIUM, consortium_id),
        custodian=(Party.CONSORTIUM, consortium_id),
    )
    work.journal(
        Entry("consortium.added", ObjectType.CONSORTIUM, consortium_id, words={"name": name})
    )
    _join(work, consortium_id, lead_id, Standing.LEAD)
    return get_consortium(work, consortium_id)


def add_new_member(work: Work, *, new: NewInstitution, consortium_id: str | None) -> Institution:
    """Add an institution, as a member at once where a consortium is named.

    Only the installation's administrator may add one that belongs to none.
    """
    if consortium_id is None and not scope.sees_all(work):
        raise RefusedError("field-missing", field="consortium_id")
    if consortium_id is not None:
        get_consortium(work, consortium_id)
    institution = add_institution(work, new=new)
    if consortium_id is not None:
        _join(work, consortium_id, institution.id, Standing.MEMBER)
    return institution


def add_member(work: Work, *, consortium_id: str, institution_id: str) -> None:
    """Take an institution into the consortium."""
    get_consortium(work, consortium_id)
    scope.require(work, ObjectType.INSTITUTION, institution_id)
    store.lock_consortium(work.session, consortium_id)
    _join(work, consortium_id, institution_id, Standing.MEMBER)


def set_lead(work: Work, *, consortium_id: str, institution_id: str) -> None:
    """Make a member the lead hospital; the former one stays a member."""
    get_consortium(work, consortium_id)
    store.lock_consortium(work.session, consortium_id)
    if store.find_standing(work.session, consortium_id, institution_id) is None:
        raise NotAMemberError("institution_id")
    store.save_lead(work.session, consortium_id, institution_id)
    work.journal(
        Entry(
            "consortium.lead_set",
            ObjectType.CONSORTIUM,
            consortium_id,
            codes={"institution": institution_id},
        )
    )


def end_membership(work: Work, *, consortium_id: str, institution_id: str) -> None:
    """An institution leaves: no new cases for its panels, no sight of what the consortium holds."""
    get_consortium(work, consortium_id)
    store.lock_consortium(work.session, consortium_id)
    standing = store.find_standing(work.session, consortium_id, institution_id)
    if standing is None:
        raise NotFoundError
    if standing is Standing.LEAD:
        raise LeaderStaysError
    store.delete_membership(work.session, consortium_id, institution_id)
    access.end_grants(
        work, Ref(ObjectType.INSTITUTION, institution_id), why=_membership(consortium_id)
    )
    work.journal(
        Entry(
            "consortium.member_left",
            ObjectType.CONSORTIUM,
            consortium_id,
            codes={"institution": institution_id},
        )
    )


def get_consortium(work: Work, consortium_id: str) -> Consortium:
    """One consortium within the administrator's reach."""
    scope.require_consortium(work, consortium_id)
    consortium = store.find_consortium(work.session, consortium_id)
    if consortium is None:
        raise NotFoundError
    return consortium


def list_consortia(work: Work) -> list[Consortium]:
    """The consortia that the actor may see."""
    return store.list_consortia(work.session, scope.visible(work, ObjectType.CONSORTIUM))


def list_members(work: Work, consortium_id: str) -> list[Member]:
    """The lead hospital and the members."""
    get_consortium(work, consortium_id)
    return store.list_members(work.session, consortium_id)


def require_member(work: Work, consortium_id: str, institution_id: str, *, field: str) -> None:
    """Raises NotAMemberError with the form's field unless the institution belongs there."""
    if store.find_standing(work.session, consortium_id, institution_id) is None:
        raise NotAMemberError(field)


def add_overseer(work: Work, *, consortium_id: str, institution_id: str) -> None:
    """Let an authority supervise the consortium: single pages of its cases, nothing else."""
    get_consortium(work, consortium_id)
    scope.require(work, ObjectType.INSTITUTION, institution_id)
    if institution_id not in oversight.overseers_of(work, consortium_id):
        oversight.open_oversight(work, consortium_id=consortium_id, institution_id=institution_id)


def end_overseer(work: Work, *, consortium_id: str, institution_id: str) -> None:
    """An authority supervises the consortium no longer; one that never did is no fault."""
    get_consortium(work, consortium_id)
    if institution_id in oversight.overseers_of(work, consortium_id):
        oversight.end_oversight(work, consortium_id=consortium_id, institution_id=institution_id)


def _join(work: Work, consortium_id: str, institution_id: str, standing: Standing) -> None:
    institution = store.find_institution(work.session, institution_id)
    if institution is None or institution.stopped_at is not None:
        raise NotFoundError
    if store.find_standing(work.session, consortium_id, institution_id) is not None:
        raise AlreadyMemberError
    store.save_membership(
        work.session,
        MembershipRow(
            consortium_id=consortium_id,
            institution_id=institution_id,
            standing=standing,
            joined_at=work.now,
        ),
    )
    access.grant(
        work,
        Ref(ObjectType.INSTITUTION, institution_id),
        to=(Party.CONSORTIUM, consortium_id),
        why=_membership(consortium_id),
    )
    work.journal(
        Entry(
            "consortium.member_added",
            ObjectType.CONSORTIUM,
            consortium_id,
            codes={"institution": institution_id, "standing": standing},
        )
    )


def _membership(consortium_id: str) -> str:
    return f"member:{consortium_id}"
