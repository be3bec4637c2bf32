"""The rule sets by which a case is opened, checked and promised."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consult.cases.consent_rules import ConsentRules
from consult.cases.forms import Form
from consult.cases.model import Case, ServiceType
from consult.cases.promise import PromiseRules
from consult.cases.protocol import CaptureProtocol
from consult.cases.recognition.model import Book
from consult.cases.returns.model import ReturnRules
from consult.cases.urgency import UrgencyRules
from consult.cases.working_days import WorkingDays
from consult.kernel.rules import RuleTable
from consult.kernel.work import Work
from consult.people.routing.model import RoutingRules


@dataclass(frozen=True, slots=True)
class CaseRules:
    """One form a service type, the protocol of those that have one, and what holds for all."""

    forms: Mapping[ServiceType, Form]
    protocols: Mapping[ServiceType, CaptureProtocol]
    urgency: UrgencyRules
    promises: PromiseRules
    days: WorkingDays
    consent: ConsentRules
    returns: ReturnRules
    recognition: Book
    ends_recall: Callable[[Work, Case], None]
    """What a new case of a patient who was waited for ends (PAT-06); a later stage's step."""
    routing: RoutingRules

    def protocol_of(self, service_type: ServiceType) -> CaptureProtocol | None:
        """Which photographs the service asks for, if any in particular."""
        return self.protocols.get(service_type)


def parse_case_protocols(
    mapping: Mapping[str, object], *, known: Mapping[str, CaptureProtocol]
) -> Mapping[ServiceType, CaptureProtocol]:
    """config/case_protocols.toml: each service named must have a protocol that is there."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "protocol")
    below = table.table("protocol")
    below.only(*ServiceType)
    found = {}
    for key in below.values:
        name = below.text(key)
        if name not in known:
            raise below.wrong(key, "names no capture protocol")
        found[ServiceType(key)] = known[name]
    return MappingProxyType(found)
