"""What the administrator sees of consortia."""

from dataclasses import dataclass

from consult.access import oversight
from consult.kernel.work import Work
from consult.people.organisations import consortia, scope
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Standing
from server.views.admin import Option, options_of
from server.views.sign_in import in_tongue


@dataclass(frozen=True, slots=True)
class ConsortiumRow:
    """One line of the list."""

    id: str
    name: str
    lead: str
    members: int


@dataclass(frozen=True, slots=True)
class ConsortiaPage:
    """The list, and the institutions that could lead another."""

    rows: tuple[ConsortiumRow, ...]
    institutions: tuple[Option, ...]
    is_administrator: bool


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member."""

    institution_id: str
    name: str
    code: str
    tier: str
    standing: str
    is_lead: bool


@dataclass(frozen=True, slots=True)
class ConsortiumPage:
    """One consortium, its members, and who could join."""

    id: str
    name: str
    members: tuple[MemberRow, ...]
    candidates: tuple[Option, ...]
    overseers: tuple[Option, ...]
    authorities: tuple[Option, ...]


def make_consortia(work: Work, *, tongue: str) -> ConsortiaPage:
    """The consortia within reach."""
    rows = []
    for consortium in consortia.list_consortia(work):
        members = consortia.list_members(work, consortium.id)
        leads = [
            in_tongue(tongue, member.institution.name, member.institution.name_en)
            for member in members
            if member.standing is Standing.LEAD
        ]
        name = in_tongue(tongue, consortium.name, consortium.name_en)
        rows.append(ConsortiumRow(consortium.id, name, " ".join(leads), len(members)))
    working = [
        institution
        for institution in organisations.list_institutions(work)
        if institution.stopped_at is None
    ]
    return ConsortiaPage(
        rows=tuple(rows),
        institutions=options_of(tongue, working),
        is_administrator=scope.sees_all(work),
    )


def make_consortium(work: Work, *, tongue: str, consortium_id: str) -> ConsortiumPage:
    """One consortium."""
    consortium = consortia.get_consortium(work, consortium_id)
    members = consortia.list_members(work, consortium_id)
    inside = {member.institution.id for member in members}
    candidates = [
        institution
        for institution in organisations.list_institutions(work)
        if institution.id not in inside and institution.stopped_at is None
    ]
    watching = set(oversight.overseers_of(work, consortium_id))
    return ConsortiumPage(
        id=consortium.id,
        name=in_tongue(tongue, consortium.name, consortium.name_en),
        members=tuple(
            MemberRow(
                institution_id=member.institution.id,
                name=in_tongue(tongue, member.institution.name, member.institution.name_en),
                code=member.institution.code,
                tier=member.institution.tier,
                standing=member.standing,
                is_lead=member.standing is Standing.LEAD,
            )
            for member in members
        ),
        candidates=options_of(tongue, candidates),
        overseers=options_of(tongue, [each for each in candidates if each.id in watching]),
        authorities=options_of(tongue, [each for each in candidates if each.id not in watching]),
    )
