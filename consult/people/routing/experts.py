"""What single experts read and do: said by the administrator, asked by routing and by its page."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from consult.access.model import ObjectType
from consult.kernel.errors import FieldProblem, FormRefusedError
from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Entry, Work
from consult.people.duty import service as duty
from consult.people.organisations import panels
from consult.people.organisations.model import Panel
from consult.people.practitioners import affiliations
from consult.people.routing import expertise_store
from consult.people.routing.expertise import Expert, Expertise, Facet, Wanted


@dataclass(frozen=True, slots=True)
class AbleExpert:
    """An expert of the panels within reach, where she reads, and what she lacks of what was asked.

    `can` is None where nothing is said of her that answers it.
    """

    expert: Expert
    institution_ids: frozenset[InstitutionId]
    can: bool | None
    lacks: frozenset[str]


def expertise_of(work: Work, ids: Collection[str]) -> dict[str, Expertise]:
    """What these people read and do; between stages that is no secret."""
    return expertise_store.expertise_of(work.session, ids)


def experts_of(
    work: Work, ids: Iterable[PractitionerId], on_duty: Collection[str]
) -> tuple[Expert, ...]:
    """These members of one panel with what is said of them."""
    people = sorted(ids)
    known = expertise_of(work, people)
    return tuple(Expert(each, each in on_duty, known[each]) for each in people)


def set_expertise(
    work: Work,
    *,
    practitioner_id: str,
    expertise: Expertise,
    known: Mapping[Facet, Collection[str]],
) -> None:
    """Say what a person within the administrator's reach reads and does.

    Raises FormRefusedError that names each kind with a code that config/ does not know.
    """
    affiliations.require_within_reach(work, practitioner_id)
    problems = [
        FieldProblem(facet.value, "field-not-a-choice")
        for facet in Facet
        if not expertise.of(facet) <= set(known[facet])
    ]
    if problems:
        raise FormRefusedError(problems)
    expertise_store.save_expertise(work.session, practitioner_id, expertise, at=work.now)
    told = {facet.value: " ".join(sorted(expertise.of(facet))) for facet in Facet}
    work.journal(
        Entry("practitioner.expertise_set", ObjectType.PRACTITIONER, practitioner_id, codes=told)
    )


def list_able_experts(work: Work, *, wanted: Wanted, consortium_id: str | None) -> list[AbleExpert]:
    """The experts of the panels within reach: who can do all of it first, then who lacks least."""
    found: dict[str, AbleExpert] = {}
    for panel in _panels(work, consortium_id):
        for expert in experts_of(work, panel.member_ids, duty.attendance_of(work, panel).on_duty):
            before = found.get(expert.practitioner_id)
            found[expert.practitioner_id] = _able(expert, panel, wanted, before)
    return sorted(found.values(), key=_place)


def _panels(work: Work, consortium_id: str | None) -> list[Panel]:
    return [
        each
        for each in panels.list_panels(work)
        if each.stopped_at is None and consortium_id in {None, each.consortium_id}
    ]


def _able(expert: Expert, panel: Panel, wanted: Wanted, before: AbleExpert | None) -> AbleExpert:
    places = before.institution_ids if before else frozenset()
    on_duty = expert.on_duty or (before is not None and before.expert.on_duty)
    return AbleExpert(
        expert=replace(expert, on_duty=on_duty),
        institution_ids=places | {panel.institution_id},
        can=expert.can(wanted),
        lacks=wanted.capabilities - expert.expertise.capabilities,
    )


def _place(each: AbleExpert) -> tuple[bool, bool, int, bool, str]:
    said = each.expert.expertise.is_stated
    person = each.expert.practitioner_id
    return (each.can is not True, not said, len(each.lacks), not each.expert.on_duty, person)
