"""The rules of what follows a decision: telling the patient, and when she is due again."""

from dataclasses import dataclass

from consult.reports.recalls.model import RecallRules
from consult.reports.tellings.model import TellingRules


@dataclass(frozen=True, slots=True)
class AfterRules:
    """What follows a decision on a report; the same for every service."""

    tellings: TellingRules
    recalls: RecallRules
