"""The list of cases for supervision: nothing of a patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from consult.cases import service_oversight
from consult.cases.model import Case
from consult.cases.oversight_store import Filter
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution


@dataclass(frozen=True, slots=True)
class OverseenLine:
    """One case of the list: nothing of the patient."""

    case: Case
    inviting: Institution
    invited: Institution | None


@dataclass(frozen=True, slots=True)
class OverseenPage:
    """The list, its filters, and where older cases are."""

    lines: Sequence[OverseenLine]
    institutions: Sequence[Institution]
    institution_id: str
    month: str
    service: str
    older: str


class OverseenCase(BaseModel):
    """One case of the list."""

    id: str
    number: str
    service_type: str
    status: str
    submitted_at: str
    inviting: str
    invited: str | None


class OverseenAnswer(BaseModel):
    """One page of the list; `older` is the value of `before` that follows it."""

    cases: list[OverseenCase]
    older: str | None


def make_list(work: Work, wanted: Filter, month: str) -> OverseenPage:
    """One page of the list; the names of institutions are no secret."""
    found, has_older = service_oversight.list_overseen(work, wanted)
    inside = replace(work, actor=SYSTEM)
    reach = service_oversight.institutions_in_reach(work)
    places = {str(each.id): each for each in reach}
    return OverseenPage(
        lines=[
            OverseenLine(
                case=case,
                inviting=_place(inside, places, case.institution_id),
                invited=(
                    None
                    if case.invited_institution_id is None
                    else _place(inside, places, case.invited_institution_id)
                ),
            )
            for case in found
        ],
        institutions=reach,
        institution_id=wanted.institution_id or "",
        month=month,
        service="" if wanted.service_type is None else wanted.service_type.value,
        older=found[-1].id if has_older else "",
    )


def list_as_json(page: OverseenPage) -> Mapping[str, object]:
    """The list for a machine."""
    cases = [
        OverseenCase(
            id=line.case.id,
            number=line.case.number,
            service_type=line.case.service_type.value,
            status=line.case.status.value,
            submitted_at=""
            if line.case.submitted_at is None
            else line.case.submitted_at.isoformat(),
            inviting=line.inviting.name,
            invited=None if line.invited is None else line.invited.name,
        )
        for line in page.lines
    ]
    return OverseenAnswer(cases=cases, older=page.older or None).model_dump()


def _place(work: Work, places: dict[str, Institution], institution_id: str) -> Institution:
    if institution_id not in places:
        places[institution_id] = organisations.get_institution(work, institution_id)
    return places[institution_id]
