"""Which panel is proposed for a case, and why: a pure rule over facts (Q-05)."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from consult.kernel.ids import InstitutionId, PanelId
from consult.kernel.rules import RuleTable
from consult.people.routing.expertise import Expert, Wanted, fit_of


class Criterion(enum.StrEnum):
    """In what one panel goes before another."""

    CAPABILITY = "capability"
    SPECIALTY = "specialty"
    EXPERT = "expert"
    HUB = "hub"
    CHAIN = "chain"
    DUTY = "duty"
    LOAD = "load"


@dataclass(frozen=True, slots=True)
class Need:
    """What a case needs; no specialty fits every panel."""

    specialty: str
    capabilities: frozenset[str]
    is_pressing: bool
    service_type: str = ""

    @property
    def of_expert(self) -> Wanted:
        """What the one who answers must be able to do."""
        return Wanted(self.specialty, self.service_type, self.capabilities)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A panel that an agreement lets the case go to, and the facts about it."""

    panel_id: PanelId
    institution_id: InstitutionId
    specialties: frozenset[str]
    capabilities: frozenset[str]
    is_hub: bool
    in_chain: bool
    on_duty: bool
    open_cases: int
    members: int
    experts: tuple[Expert, ...] = ()

    def lacks(self, need: Need) -> frozenset[str]:
        """Which of the needed capabilities its hospital does not have."""
        return need.capabilities - self.capabilities

    def rank(self, criterion: Criterion, need: Need) -> Fraction:
        """How far behind it is in this; 0 is best."""
        is_other = bool(need.specialty) and need.specialty not in self.specialties
        found = {
            Criterion.CAPABILITY: Fraction(len(self.lacks(need))),
            Criterion.SPECIALTY: Fraction(is_other),
            Criterion.EXPERT: Fraction(fit_of(self.experts, need.of_expert)),
            Criterion.HUB: Fraction(not self.is_hub),
            Criterion.CHAIN: Fraction(not self.in_chain),
            Criterion.DUTY: Fraction(not self.on_duty),
            Criterion.LOAD: Fraction(self.open_cases, max(self.members, 1)),
        }
        return found[criterion]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A panel in its place: what speaks for it, and in what it stands behind the proposed one.

    `behind` is None for the proposed panel, and for one that is alike in everything.
    """

    candidate: Candidate
    met: tuple[Criterion, ...]
    lacks: frozenset[str]
    behind: Criterion | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The panels in the order of the rule, the proposed one first."""

    version: str
    need: Need
    ranked: tuple[Ranked, ...]

    @property
    def first(self) -> Ranked | None:
        """The proposed panel; None where no agreement lets the case go anywhere."""
        return self.ranked[0] if self.ranked else None

    def find(self, panel_id: str | None) -> Ranked | None:
        """A panel's place."""
        return next((each for each in self.ranked if each.candidate.panel_id == panel_id), None)

    def skips_hub(self, panel_id: str | None) -> bool:
        """Whether this panel sits elsewhere while the proposed one is the hub's."""
        chosen = self.find(panel_id)
        if chosen is None or self.first is None:
            return False
        return self.first.candidate.is_hub and not chosen.candidate.is_hub


@dataclass(frozen=True, slots=True)
class NeedRule:
    """What a kind of case needs; with `answer`, only where it is one of `values`."""

    service_type: str
    answer: str | None
    values: frozenset[str]
    specialty: str
    capabilities: frozenset[str]

    def fits(self, service_type: str, answers: Mapping[str, object]) -> bool:
        """Whether it speaks of this case."""
        if service_type != self.service_type:
            return False
        if self.answer is None:
            return True
        told = answers.get(self.answer)
        return bool(self.values & set(told if isinstance(told, list) else [told]))


@dataclass(frozen=True, slots=True)
class RoutingRules:
    """The rule of config/routing.toml."""

    version: str
    reads: tuple[str, ...]
    treats: tuple[str, ...]
    order: tuple[Criterion, ...]
    order_pressing: tuple[Criterion, ...]
    pressing: frozenset[str]
    specialty_answer: str
    specialties: Mapping[str, str]
    needs: tuple[NeedRule, ...]

    def need_of(self, service_type: str, answers: Mapping[str, object], priority: str) -> Need:
        """What a case needs: the specialty that the form names goes before that of a rule."""
        fitting = [each for each in self.needs if each.fits(service_type, answers)]
        named = self.specialties.get(str(answers.get(self.specialty_answer)), "")
        ruled = next((each.specialty for each in fitting if each.specialty), "")
        return Need(
            specialty=named or ruled,
            capabilities=frozenset().union(*(each.capabilities for each in fitting)),
            is_pressing=priority in self.pressing,
            service_type=service_type,
        )


def propose(need: Need, candidates: Sequence[Candidate], *, rules: RoutingRules) -> Proposal:
    """The candidates in the order of the rule; alike ones stay as they came."""
    order = rules.order_pressing if need.is_pressing else rules.order
    found = sorted(candidates, key=lambda each: [each.rank(one, need) for one in order])
    ranked = tuple(
        Ranked(
            candidate=each,
            met=tuple(one for one in order if _speaks_for(one, each, found, need)),
            lacks=each.lacks(need),
            behind=next(
                (one for one in order if each.rank(one, need) != found[0].rank(one, need)), None
            ),
        )
        for each in found
    )
    return Proposal(rules.version, need, ranked)


def _speaks_for(
    criterion: Criterion, each: Candidate, found: Sequence[Candidate], need: Need
) -> bool:
    """Whether it is worth saying: nothing where nothing was needed, or where there is no other."""
    rank = each.rank(criterion, need)
    match criterion:
        case Criterion.CAPABILITY:
            return bool(need.capabilities) and not rank
        case Criterion.SPECIALTY:
            return bool(need.specialty) and not rank
        case Criterion.LOAD:
            return len(found) > 1 and all(
                rank < one.rank(criterion, need) for one in _others(each, found)
            )
        case _:
            return not rank


def _others(each: Candidate, found: Sequence[Candidate]) -> list[Candidate]:
    return [one for one in found if one.panel_id != each.panel_id]


def parse_routing_rules(mapping: Mapping[str, object]) -> RoutingRules:
    """The rules of config/routing.toml; every criterion stands in both orders once."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "order", "order_pressing", "pressing", "specialty", "need"),
        *("reads", "treats"),
    )
    orders = {key: table.codes(key, Criterion) for key in ("order", "order_pressing")}
    for key, order in orders.items():
        if sorted(order) != sorted(Criterion):
            raise table.wrong(key, "must name each criterion once")
    below = table.table("specialty")
    return RoutingRules(
        version=table.text("version"),
        reads=tuple(table.texts("reads")),
        treats=tuple(table.texts("treats")),
        order=orders["order"],
        order_pressing=orders["order_pressing"],
        pressing=frozenset(table.texts("pressing")),
        specialty_answer=below.text("answer"),
        specialties=MappingProxyType(
            {key: below.text(key) for key in below.values if key != "answer"}
        ),
        needs=tuple(_need(each) for each in table.tables("need")),
    )


def _need(table: RuleTable) -> NeedRule:
    table.only("service_type", "answer", "any", "specialty", "capabilities")
    has_answer = table.has("answer")
    return NeedRule(
        service_type=table.text("service_type"),
        answer=table.text("answer") if has_answer else None,
        values=frozenset(table.texts("any")) if has_answer else frozenset(),
        specialty=table.text_or_none("specialty") or "",
        capabilities=frozenset(table.texts("capabilities")),
    )
