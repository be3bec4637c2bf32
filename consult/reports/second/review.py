"""Which signed reports are reviewed before they are released (RPT-03)."""

from dataclasses import dataclass

from consult.cases.model import Case, Priority, ServiceType
from consult.reports.grading import OutcomeRank
from consult.reports.model import ReferralUrgency
from consult.reports.second.matters import Content, is_pressing


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """Whose reports and which ones a reviewer sees first (config/report_review.toml)."""

    name: str
    version: str
    source: str
    on_for: frozenset[ServiceType]
    titles: frozenset[str]
    outcomes: frozenset[OutcomeRank]
    referral_urgencies: frozenset[ReferralUrgency]
    sample_percent: int
    at_once: frozenset[OutcomeRank]
    at_once_priorities: frozenset[Priority]
    at_once_urgencies: frozenset[ReferralUrgency]

    def asks(self, content: Content) -> bool:
        """Whether its author is in training, or what it says is of high risk."""
        return content["author"]["title"] in self.titles or is_pressing(
            content, outcomes=self.outcomes, urgencies=self.referral_urgencies
        )

    def waits_not(self, case: Case, content: Content) -> bool:
        """Whether the patient cannot wait for a reviewer."""
        return case.priority in self.at_once_priorities or is_pressing(
            content, outcomes=self.at_once, urgencies=self.at_once_urgencies
        )
