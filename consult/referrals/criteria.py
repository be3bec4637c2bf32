"""Whether a reading meets the criteria for referral, by a versioned rule set (REF-02)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consult.kernel.eyes import Eye, EyeStatus
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words
from consult.reports.body import HIGHEST_ICDR
from consult.reports.model import Dme, EyeReading


class Meets(enum.StrEnum):
    """What the criteria say; an eye that could not be read leaves it open."""

    MEETS = "meets"
    CANNOT_TELL = "cannot_tell"
    DOES_NOT_MEET = "does_not_meet"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the table: what follows from one observation of one eye."""

    code: str
    meets: Meets
    within_days: int | None
    follow_up_months: tuple[int, int] | None
    why: Words


@dataclass(frozen=True, slots=True)
class ReferralRules:
    """The criteria of one source; `words` is its name on the page."""

    name: str
    version: str
    source: str
    words: Words
    icdr: Mapping[int, Criterion]
    dme: Mapping[Dme, Criterion]
    ungradable: Criterion


@dataclass(frozen=True, slots=True)
class EyeReason:
    """One line of the table as it fell on one eye."""

    eye: Eye
    criterion: Criterion


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the criteria say of a patient; the shortest time and interval of both eyes hold."""

    meets: Meets
    reasons: tuple[EyeReason, ...]
    referral_within_days: int | None
    follow_up_months: tuple[int, int] | None
    rule_name: str
    rule_version: str
    rule_source: str


def parse_referral_rules(mapping: Mapping[str, object]) -> ReferralRules:
    """A rule set of config/referral_rules; every grade and oedema code must be there."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "words", "icdr", "dme", "ungradable")
    grades, oedema = table.table("icdr"), table.table("dme")
    grades.only(*(str(grade) for grade in range(HIGHEST_ICDR + 1)))
    oedema.only(*Dme)
    return ReferralRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        words=table.words("words"),
        icdr=MappingProxyType(
            {
                grade: _parse_criterion(grades.table(str(grade)), code=f"icdr_{grade}")
                for grade in range(HIGHEST_ICDR + 1)
            }
        ),
        dme=MappingProxyType(
            {code: _parse_criterion(oedema.table(code), code=f"dme_{code}") for code in Dme}
        ),
        ungradable=_parse_criterion(table.table("ungradable"), code="ungradable"),
    )


def assess(rules: ReferralRules, readings: Mapping[Eye, EyeReading]) -> Assessment:
    """What the rules say of these readings; an absent or unexamined eye adds nothing."""
    reasons = tuple(
        EyeReason(eye, criterion)
        for eye in Eye
        if eye in readings
        for criterion in _criteria(rules, readings[eye])
    )
    lines = [reason.criterion for reason in reasons]
    order = list(Meets)
    verdict = min((line.meets for line in lines), key=order.index, default=Meets.CANNOT_TELL)
    spans = [line.follow_up_months for line in lines if line.follow_up_months is not None]
    days = [line.within_days for line in lines if line.within_days is not None]
    return Assessment(
        meets=verdict,
        reasons=reasons,
        referral_within_days=min(days, default=None) if verdict is Meets.MEETS else None,
        follow_up_months=_shortest(spans),
        rule_name=rules.name,
        rule_version=rules.version,
        rule_source=rules.source,
    )


def _criteria(rules: ReferralRules, reading: EyeReading) -> list[Criterion]:
    if reading.eye_status is EyeStatus.ABSENT:
        return []
    if reading.is_ungradable:
        return [rules.ungradable]
    found = []
    if reading.is_read and reading.icdr is not None:
        found.append(rules.icdr[reading.icdr])
    if reading.is_read and reading.dme is not None:
        found.append(rules.dme[reading.dme])
    return found


def _shortest(spans: list[tuple[int, int]]) -> tuple[int, int] | None:
    if not spans:
        return None
    return min(low for low, _ in spans), min(high for _, high in spans)


def _parse_criterion(table: RuleTable, *, code: str) -> Criterion:
    table.only("meets", "within_days", "follow_up_months", "why")
    meets = table.code("meets", Meets)
    within_days = table.whole_or_none("within_days")
    if (meets is Meets.MEETS) != (within_days is not None):
        raise table.wrong("within_days", "belongs to a line that meets, and only there")
    return Criterion(
        code=code,
        meets=meets,
        within_days=within_days,
        follow_up_months=(
            table.span("follow_up_months") if table.has("follow_up_months") else None
        ),
        why=table.words("why"),
    )
