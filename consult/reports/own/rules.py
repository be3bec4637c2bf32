"""Reading config/own_reading.toml: for which services an opinion is kept back, and never when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consult.cases.model import Case, Priority, ServiceType
from consult.kernel.rules import RuleTable
from consult.reports.grading import OutcomeRank
from consult.reports.model import Dme, Quality, ReferralNeed, ReferralUrgency
from consult.reports.own.model import HIGHEST_GRADE, Finding

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OwnRules:
    """When the requesting physician reads first, and what counts as referable."""

    name: str
    version: str
    source: str
    on_for: frozenset[ServiceType]
    at_once: frozenset[OutcomeRank]
    at_once_priorities: frozenset[Priority]
    at_once_needs: frozenset[ReferralNeed]
    at_once_urgencies: frozenset[ReferralUrgency]
    from_icdr: int
    dme: frozenset[Dme]

    def is_on(self, case: Case) -> bool:
        """Whether the requesting physician of this case is asked to read first."""
        return case.service_type in self.on_for

    def waits_not(self, case: Case, content: Content) -> bool:
        """Whether the patient cannot wait for anybody's reading."""
        body = content["body"]
        return (
            case.priority in self.at_once_priorities
            or (content.get("outcome") or {}).get("rank") in self.at_once
            or body["referral_need"] in self.at_once_needs
            or body["referral_urgency"] in self.at_once_urgencies
        )

    def finding_of(self, reading: Content) -> Finding | None:
        """Into which finding the expert's reading of an eye falls; None where it was not graded."""
        if reading["quality"] == Quality.UNGRADABLE:
            return Finding.UNGRADABLE
        icdr, dme = reading["icdr"], reading["dme"]
        if dme in self.dme or (icdr is not None and icdr >= self.from_icdr):
            return Finding.REFERABLE
        if icdr is None:
            return None
        return Finding.ABNORMAL if icdr > 0 else Finding.NORMAL


def parse_own_rules(mapping: Mapping[str, object]) -> OwnRules:
    """The rules; a grade beyond the scale and an unknown word are refused."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "on_for", "at_once", "referable")
    at_once, referable = table.table("at_once"), table.table("referable")
    at_once.only("outcomes", "priorities", "referral_needs", "referral_urgencies")
    referable.only("from_icdr", "dme")
    from_icdr = referable.whole("from_icdr", lowest=1)
    if from_icdr > HIGHEST_GRADE:
        raise referable.wrong("from_icdr", "must be at most 4")
    return OwnRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        on_for=frozenset(table.codes("on_for", ServiceType)),
        at_once=frozenset(at_once.codes("outcomes", OutcomeRank)),
        at_once_priorities=frozenset(at_once.codes("priorities", Priority)),
        at_once_needs=frozenset(at_once.codes("referral_needs", ReferralNeed)),
        at_once_urgencies=frozenset(at_once.codes("referral_urgencies", ReferralUrgency)),
        from_icdr=from_icdr,
        dme=frozenset(referable.codes("dme", Dme)),
    )
