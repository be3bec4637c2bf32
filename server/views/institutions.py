"""What the administrator sees of institutions."""

from dataclasses import dataclass
from datetime import datetime

from consult.kernel.work import Work
from consult.people.organisations import consortia, scope
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from server.views.admin import Option, options_of
from server.views.sign_in import in_tongue


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """One line of the list."""

    id: str
    code: str
    name: str
    tier: str
    zone: str
    phone: str
    memberships: tuple[str, ...]
    stopped_at: datetime | None
    revision: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class InstitutionsPage:
    """The list, and the consortia that a new institution may join."""

    rows: tuple[InstitutionRow, ...]
    consortia: tuple[Option, ...]
    is_administrator: bool


def make_institutions(work: Work, *, tongue: str) -> InstitutionsPage:
    """The institutions within reach."""
    known = consortia.list_consortia(work)
    member_of: dict[str, list[str]] = {}
    for consortium in known:
        name = in_tongue(tongue, consortium.name, consortium.name_en)
        for member in consortia.list_members(work, consortium.id):
            member_of.setdefault(member.institution.id, []).append(name)
    return InstitutionsPage(
        rows=tuple(
            _row(work, tongue, institution, member_of.get(institution.id, []))
            for institution in organisations.list_institutions(work)
        ),
        consortia=options_of(tongue, known),
        is_administrator=scope.sees_all(work),
    )


def _row(
    work: Work, tongue: str, institution: Institution, memberships: list[str]
) -> InstitutionRow:
    return InstitutionRow(
        id=institution.id,
        code=institution.code,
        name=in_tongue(tongue, institution.name, institution.name_en),
        tier=institution.tier,
        zone=institution.zone,
        phone=institution.phone,
        memberships=tuple(memberships),
        stopped_at=institution.stopped_at,
        revision=institution.revision,
        is_own=institution.id == work.actor.institution_id,
    )
