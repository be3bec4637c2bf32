"""The rule set that turns readings into an outcome: config/grading.toml."""

import enum
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consult.kernel.rules import RuleTable
from consult.reports.body import HIGHEST_ICDR
from consult.reports.model import (
    Dme,
    NhsMaculopathy,
    NhsRetinopathy,
    QualityCause,
    ReferralNeed,
)


class OutcomeRank(enum.StrEnum):
    """What is due for the patient, the most pressing first."""

    URGENT = "urgent"
    REFER = "refer"
    UNGRADABLE = "ungradable"
    FOLLOW_UP = "follow_up"

    @property
    def place(self) -> int:
        """0 for the most pressing."""
        return list(OutcomeRank).index(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one observation asks for, and the longest interval it allows."""

    rank: OutcomeRank
    max_interval_months: int


@dataclass(frozen=True, slots=True)
class OnlyEyeRule:
    """What a finding in the only seeing eye changes."""

    raises: bool
    finding_from_icdr: int
    max_interval_months: int
    step: Mapping[OutcomeRank, OutcomeRank]


@dataclass(frozen=True, slots=True)
class OutcomeRules:
    """A verdict for everything that can be observed of an eye."""

    name: str
    version: str
    source: str
    action: Mapping[OutcomeRank, str]
    least_need: Mapping[OutcomeRank, ReferralNeed]
    icdr: Mapping[int, Verdict]
    dme: Mapping[Dme, Verdict]
    cause: Mapping[QualityCause, Verdict]
    lesion: Mapping[str, Verdict]
    nhs: Mapping[str, Verdict]
    ungradable: Verdict
    waived: Verdict
    not_graded: Verdict
    not_examined: Verdict
    only_eye: OnlyEyeRule


def parse_outcome_rules(mapping: Mapping[str, object]) -> OutcomeRules:
    """The rules of config/grading.toml; every grade, oedema code and rank must be there."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "action", "least_need", "icdr", "dme", "cause"),
        *("ungradable", "waived", "not_graded", "not_examined", "only_eye", "lesion", "nhs"),
    )
    actions, grades, oedema = table.table("action"), table.table("icdr"), table.table("dme")
    causes = table.table("cause")
    actions.only(*OutcomeRank)
    grades.only(*(str(grade) for grade in range(HIGHEST_ICDR + 1)))
    oedema.only(*Dme)
    causes.only(*QualityCause)
    return OutcomeRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        action=MappingProxyType({rank: actions.text(rank) for rank in OutcomeRank}),
        least_need=_parse_least_need(table.table("least_need")),
        icdr=MappingProxyType(
            {grade: _parse_verdict(grades, str(grade)) for grade in range(HIGHEST_ICDR + 1)}
        ),
        dme=MappingProxyType({code: _parse_verdict(oedema, code) for code in Dme}),
        cause=MappingProxyType(
            {code: _parse_verdict(causes, code) for code in QualityCause if causes.has(code)}
        ),
        lesion=_parse_verdicts(table.table("lesion")),
        nhs=_parse_nhs(table.table("nhs")),
        ungradable=_parse_verdict(table, "ungradable"),
        waived=_parse_verdict(table, "waived"),
        not_graded=_parse_verdict(table, "not_graded"),
        not_examined=_parse_verdict(table, "not_examined"),
        only_eye=_parse_only_eye(table.table("only_eye")),
    )


def _parse_verdict(table: RuleTable, key: str) -> Verdict:
    row = table.table(key)
    row.only("rank", "max_interval_months")
    return Verdict(
        rank=row.code("rank", OutcomeRank),
        max_interval_months=row.whole("max_interval_months", lowest=1),
    )


def _parse_verdicts(table: RuleTable) -> Mapping[str, Verdict]:
    return MappingProxyType({code: _parse_verdict(table, code) for code in table.values})


def _parse_nhs(table: RuleTable) -> Mapping[str, Verdict]:
    table.only(*NhsRetinopathy, *NhsMaculopathy)
    return _parse_verdicts(table)


def _parse_least_need(table: RuleTable) -> Mapping[OutcomeRank, ReferralNeed]:
    table.only(*OutcomeRank)
    needs = {rank: table.code(rank, ReferralNeed) for rank in OutcomeRank}
    for rank, milder in itertools.pairwise(OutcomeRank):
        if needs[rank].place < needs[milder].place:
            raise table.wrong(rank, "asks for less than a milder rank")
    return MappingProxyType(needs)


def _parse_only_eye(table: RuleTable) -> OnlyEyeRule:
    table.only("raises", "finding_from_icdr", "max_interval_months", "step")
    steps = table.table("step")
    steps.only(*OutcomeRank)
    step = {rank: steps.code(rank, OutcomeRank) for rank in OutcomeRank}
    for rank, raised in step.items():
        if raised.place > rank.place:
            raise steps.wrong(rank, "lowers the rank")
    return OnlyEyeRule(
        raises=table.flag("raises"),
        finding_from_icdr=table.whole("finding_from_icdr"),
        max_interval_months=table.whole("max_interval_months", lowest=1),
        step=MappingProxyType(step),
    )
