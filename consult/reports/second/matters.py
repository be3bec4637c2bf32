"""Which readings are read again, and what two readings differ in (Q-10)."""

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from consult.cases.model import Case, CaseStatus, Priority, ServiceType
from consult.kernel.eyes import Eye
from consult.reports.grading import OutcomeRank
from consult.reports.model import Dme, Quality, ReferralUrgency

Content = Mapping[str, Any]
_BEFORE_RELEASE: Final = frozenset(
    {
        *(CaseStatus.ASSIGNED, CaseStatus.ACCEPTED, CaseStatus.READING),
        *(CaseStatus.RETURNED, CaseStatus.DECLINED),
    }
)


class Matter(enum.StrEnum):
    """In what two readings may not differ, beside the grade."""

    GRADABLE = "gradable"
    DME = "dme"
    REFERRAL_NEED = "referral_need"
    REFERRAL_URGENCY = "referral_urgency"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class SecondRules:
    """Which readings are read again, and what is a difference (config/second_reading.toml)."""

    name: str
    version: str
    source: str
    on_for: frozenset[ServiceType]
    from_icdr: int
    outcomes: frozenset[OutcomeRank]
    dme: frozenset[Dme]
    sample_percent: int
    at_once: frozenset[OutcomeRank]
    at_once_priorities: frozenset[Priority]
    at_once_urgencies: frozenset[ReferralUrgency]
    icdr_steps: int
    matters: frozenset[Matter]

    def is_abnormal(self, content: Content) -> bool:
        """Whether this reading is one of those that are all read again."""
        if (content.get("outcome") or {}).get("rank") in self.outcomes:
            return True
        return any(self._is_abnormal_eye(content["body"][eye.value]) for eye in Eye)

    def waits_not(self, case: Case, content: Content) -> bool:
        """Whether the patient cannot wait for another reader."""
        return case.priority in self.at_once_priorities or is_pressing(
            content, outcomes=self.at_once, urgencies=self.at_once_urgencies
        )

    def differences(self, first: Content, second: Content) -> list[str]:
        """The fields in which the readings disagree, dotted as in the form; none is agreement."""
        one, other = first["body"], second["body"]
        found = [
            f"{eye.value}.{name}"
            for eye in Eye
            for name in self._differing(one[eye.value], other[eye.value])
        ]
        found += [
            said.value
            for said in (Matter.REFERRAL_NEED, Matter.REFERRAL_URGENCY)
            if said in self.matters and one[said.value] != other[said.value]
        ]
        if Matter.OUTCOME in self.matters and _rank(first) != _rank(second):
            found.append(Matter.OUTCOME.value)
        return found

    def _differing(self, one: Content, other: Content) -> list[str]:
        """In which matters two readings of one eye disagree."""
        if _is_gradable(one) != _is_gradable(other):
            return ["quality"] if Matter.GRADABLE in self.matters else []
        grades = (one["icdr"], other["icdr"])
        found = []
        if (None in grades and grades[0] != grades[1]) or (
            None not in grades and abs(grades[0] - grades[1]) >= self.icdr_steps
        ):
            found.append("icdr")
        if Matter.DME in self.matters and one["dme"] != other["dme"]:
            found.append("dme")
        return found

    def _is_abnormal_eye(self, reading: Content) -> bool:
        icdr = reading["icdr"]
        return (icdr is not None and icdr >= self.from_icdr) or reading["dme"] in self.dme


def is_pressing(
    content: Content,
    *,
    outcomes: Collection[OutcomeRank],
    urgencies: Collection[ReferralUrgency],
) -> bool:
    """Whether a report has one of these outcomes, or asks for a referral of such an urgency."""
    return (content.get("outcome") or {}).get("rank") in outcomes or (
        content["body"]["referral_urgency"] in urgencies
    )


def is_hidden(case: Case, rules: SecondRules | None) -> bool:
    """Whether what one reader does on this case is kept from the others for now."""
    if case.status is CaseStatus.SECOND_READ:
        return True
    is_on = rules is not None and case.service_type in rules.on_for
    return is_on and case.status in _BEFORE_RELEASE


def _rank(content: Content) -> str | None:
    """What is due by the rules; None of a report that says nothing of the eyes."""
    rank = (content.get("outcome") or {}).get("rank")
    return None if rank is None else str(rank)


def _is_gradable(reading: Content) -> bool:
    return bool(reading["quality"] != Quality.UNGRADABLE)
