"""What an expert reads and does: the administrator's form, and who can do what is asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from consult.kernel.work import Role, Work
from consult.people.organisations import consortia
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Consortium, Institution
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.people.routing import experts
from consult.people.routing import service as capabilities
from consult.people.routing.expertise import Expertise, Facet, Wanted
from consult.people.routing.experts import AbleExpert
from consult.people.routing.service import Able
from server.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is asked: capabilities, a field, and the consortium (医联体) to look in."""

    needed: Sequence[str] = ()
    field: str = ""
    consortium_id: str | None = None


@dataclass(frozen=True, slots=True)
class AblePage:
    """Who can do all of what is asked comes first, of the institutions and of the experts."""

    asked: Asked
    consortia: Sequence[Consortium]
    places: Sequence[Able]
    experts: Sequence[AbleExpert]
    names: Mapping[str, PersonName]
    institutions: Mapping[str, Institution]


@dataclass(frozen=True, slots=True)
class ExpertiseForm:
    """What is said of one expert, and what can be."""

    said: Expertise
    reads: Sequence[str]
    treats: Sequence[str]


def make_page(work: Work, *, asked: Asked, personal: Collection[str]) -> AblePage:
    """Who can do all of it; `personal` are the capabilities that are said of experts too."""
    wanted = Wanted(field=asked.field, capabilities=frozenset(asked.needed) & frozenset(personal))
    found = experts.list_able_experts(work, wanted=wanted, consortium_id=asked.consortium_id)
    members = _members(work, asked.consortium_id)
    where = {each for expert in found for each in expert.institution_ids}
    return AblePage(
        asked=asked,
        consortia=consortia.list_consortia(work),
        places=[
            each
            for each in capabilities.list_able(work, needed=asked.needed)
            if members is None or each.institution.id in members
        ],
        experts=found,
        names=practitioners.names_of(work, {each.expert.practitioner_id for each in found}),
        institutions=organisations.institutions_by_id(work, where),
    )


def make_form(work: Work, *, practitioner_id: str, rules: Rulebook) -> ExpertiseForm | None:
    """The form of one person within reach; None for who is an expert nowhere."""
    affiliations.require_within_reach(work, practitioner_id)
    held = affiliations.list_affiliations(work, [practitioner_id])
    if not any(Role.EXPERT in each.roles and each.stopped_at is None for each in held):
        return None
    said = experts.expertise_of(work, [practitioner_id])[practitioner_id]
    return ExpertiseForm(said, rules.cases.routing.reads, rules.cases.routing.treats)


def personal_codes(rules: Rulebook) -> frozenset[str]:
    """The capabilities that are said of an expert too."""
    return frozenset({*rules.cases.routing.reads, *rules.cases.routing.treats})


def known_facets(rules: Rulebook) -> Mapping[Facet, Collection[str]]:
    """What may be said of an expert."""
    groups = rules.terms.groups
    return {
        Facet.FIELD: groups["specialty"],
        Facet.SERVICE: groups["service_type"],
        Facet.CAPABILITY: personal_codes(rules),
    }


def _members(work: Work, consortium_id: str | None) -> frozenset[str] | None:
    if consortium_id is None:
        return None
    return frozenset(each.institution.id for each in consortia.list_members(work, consortium_id))
