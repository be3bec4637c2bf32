"""How urgent a case is, by a versioned rule set that says which rule decided (Q-03)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from consult.cases.model import Priority, ServiceType
from consult.kernel.errors import RefusedError
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words

NO_RED_FLAG = "none"


@dataclass(frozen=True, slots=True)
class UrgencyRule:
    """One line: it holds for a red flag, for a service type, or always."""

    id: str
    red_flag: str | None
    service_type: ServiceType | None
    priority: Priority
    proposes: ServiceType | None
    why: Words


@dataclass(frozen=True, slots=True)
class UrgencyRules:
    """The lines in the order in which they are asked; the last one always holds."""

    name: str
    version: str
    source: str
    rules: tuple[UrgencyRule, ...]

    @property
    def red_flags(self) -> frozenset[str]:
        """The red flags that the rules know."""
        return frozenset(rule.red_flag for rule in self.rules if rule.red_flag is not None)


@dataclass(frozen=True, slots=True)
class UrgencyProposal:
    """The proposed priority with what decided it; `fired` names every rule that held."""

    priority: Priority
    rule_id: str
    rule_name: str
    rule_version: str
    sentence_key: str
    why: Words
    fired: tuple[str, ...]
    service_type: ServiceType


def parse_urgency_rules(mapping: Mapping[str, object]) -> UrgencyRules:
    """The rules of config/urgency_rules.toml, most pressing first; the last one always holds."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "rule")
    rules = tuple(_parse_rule(row) for row in table.tables("rule"))
    if not rules or rules[-1].red_flag is not None or rules[-1].service_type is not None:
        raise table.wrong("rule", "the last rule must always hold")
    if len({rule.id for rule in rules}) != len(rules):
        raise table.wrong("rule", "an id stands twice")
    pressing = list(Priority)
    order = [pressing.index(rule.priority) for rule in rules if rule.red_flag is not None]
    if order != sorted(order):
        raise table.wrong("rule", "a more pressing red flag stands after a lesser one")
    return UrgencyRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        rules=rules,
    )


def propose_urgency(
    rules: UrgencyRules, *, service_type: ServiceType, red_flags: Collection[str]
) -> UrgencyProposal:
    """The priority that the rules propose; a person may set another one with a reason."""
    flags = frozenset(red_flags) - {NO_RED_FLAG}
    if not flags <= rules.red_flags:
        raise RefusedError("field-not-a-choice", field="red_flags")
    held = [rule for rule in rules.rules if _holds(rule, service_type=service_type, flags=flags)]
    first = held[0]
    return UrgencyProposal(
        priority=first.priority,
        rule_id=first.id,
        rule_name=rules.name,
        rule_version=rules.version,
        sentence_key=f"urgency.{first.id}",
        why=first.why,
        fired=tuple(rule.id for rule in held),
        service_type=first.proposes or service_type,
    )


def _holds(rule: UrgencyRule, *, service_type: ServiceType, flags: frozenset[str]) -> bool:
    if rule.red_flag is not None and rule.red_flag not in flags:
        return False
    return rule.service_type is None or rule.service_type is service_type


def _parse_rule(table: RuleTable) -> UrgencyRule:
    table.only("id", "red_flag", "service_type", "priority", "proposes", "why")
    return UrgencyRule(
        id=table.text("id"),
        red_flag=table.text_or_none("red_flag"),
        service_type=table.code("service_type", ServiceType) if table.has("service_type") else None,
        priority=table.code("priority", Priority),
        proposes=table.code("proposes", ServiceType) if table.has("proposes") else None,
        why=table.words("why"),
    )
