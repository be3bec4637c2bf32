"""The rule sets by which a case is opened, checked and promised."""

from collections.abc import Mapping
from dataclasses import dataclass

from consult.cases.consent_rules import ConsentRules
from consult.cases.forms import Form
from consult.cases.model import ServiceType
from consult.cases.promise import PromiseRules
from consult.cases.urgency import UrgencyRules


@dataclass(frozen=True, slots=True)
class CaseRules:
    """One form a service type, and the rules that hold for all of them."""

    forms: Mapping[ServiceType, Form]
    urgency: UrgencyRules
    promises: PromiseRules
    consent: ConsentRules
