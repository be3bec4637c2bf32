"""What is due for a patient, from the readings of both eyes by a versioned rule (U3)."""

from collections.abc import Iterator
from dataclasses import dataclass

from consult.kernel.eyes import Eye, EyeStatus
from consult.reports.grading import OutcomeRank, OutcomeRules, Verdict
from consult.reports.lesions import present_in
from consult.reports.model import EyeReading


@dataclass(frozen=True, slots=True)
class OutcomeReason:
    """One observation of one eye and the rank it asked for; `code` is a term of outcome_reason."""

    eye: Eye
    code: str
    rank: OutcomeRank


@dataclass(frozen=True, slots=True)
class Outcome:
    """The patient's rank, the longest interval a report may state, and why.

    `max_interval_months` is None only where no eye limits it: none is left, or none sees.
    """

    rank: OutcomeRank
    action: str
    max_interval_months: int | None
    reasons: tuple[OutcomeReason, ...]
    rule_name: str
    rule_version: str

    @property
    def deciding(self) -> tuple[OutcomeReason, ...]:
        """The reasons that reached the patient's rank."""
        return tuple(reason for reason in self.reasons if reason.rank is self.rank)


def find_outcome(rules: OutcomeRules, *, right: EyeReading, left: EyeReading) -> Outcome:
    """The outcome of two readings: the more pressing eye decides, the shorter interval holds."""
    reasons: list[OutcomeReason] = []
    months: list[int] = []
    for eye, reading, fellow in ((Eye.RIGHT, right, left), (Eye.LEFT, left, right)):
        found = list(_verdicts(rules, reading))
        only = rules.only_eye.raises and is_only_eye(reading, fellow)
        if only and _has_finding(rules, reading):
            found.append(("only_eye", _raised(rules, found)))
        reasons += [OutcomeReason(eye, code, verdict.rank) for code, verdict in found]
        months += [verdict.max_interval_months for _, verdict in found]
    rank = min((reason.rank for reason in reasons), key=_place, default=OutcomeRank.FOLLOW_UP)
    return Outcome(
        rank=rank,
        action=rules.action[rank],
        max_interval_months=min(months, default=None),
        reasons=tuple(reasons),
        rule_name=rules.name,
        rule_version=rules.version,
    )


def is_only_eye(reading: EyeReading, fellow: EyeReading) -> bool:
    """Whether this eye sees and the other one is absent or sees nothing."""
    blind = {EyeStatus.ABSENT, EyeStatus.NLP}
    return reading.eye_status not in blind and fellow.eye_status in blind


def _verdicts(rules: OutcomeRules, reading: EyeReading) -> Iterator[tuple[str, Verdict]]:
    """What each observation of one eye asks for; an absent eye asks for nothing."""
    if reading.eye_status is EyeStatus.ABSENT:
        return
    if reading.is_ungradable:
        yield from _ungradable(rules, reading)
    elif reading.is_read:
        yield from _read(rules, reading)
    elif reading.eye_status is not EyeStatus.NLP:
        yield "not_examined", rules.not_examined


def _ungradable(rules: OutcomeRules, reading: EyeReading) -> Iterator[tuple[str, Verdict]]:
    """A clear sign counts although the eye cannot be graded, and whatever was waived (C8)."""
    if reading.least_icdr is not None:
        yield f"icdr_{reading.least_icdr}", rules.icdr[reading.least_icdr]
    yield from _of_lesions(rules, reading)
    if reading.waiver.strip():
        yield "waived", rules.waived
        return
    yield "ungradable", rules.ungradable
    for cause in reading.causes:
        if cause in rules.cause:
            yield cause.value, rules.cause[cause]


def _read(rules: OutcomeRules, reading: EyeReading) -> Iterator[tuple[str, Verdict]]:
    if reading.icdr is None and reading.dme is None:
        yield "not_graded", rules.not_graded
    if reading.icdr is not None:
        yield f"icdr_{reading.icdr}", rules.icdr[reading.icdr]
    if reading.dme is not None:
        yield f"dme_{reading.dme}", rules.dme[reading.dme]
    for given in (reading.nhs_r, reading.nhs_m):
        if given is not None and given in rules.nhs:
            yield f"nhs_{given}", rules.nhs[given]
    yield from _of_lesions(rules, reading)


def _of_lesions(rules: OutcomeRules, reading: EyeReading) -> Iterator[tuple[str, Verdict]]:
    for code in present_in(reading.lesions):
        if code in rules.lesion:
            yield code, rules.lesion[code]


def _has_finding(rules: OutcomeRules, reading: EyeReading) -> bool:
    """Anything but a clean reading; a waived eye was settled elsewhere."""
    worst = min((verdict.rank for _, verdict in _verdicts(rules, reading)), key=_place)
    graded = reading.icdr is not None and reading.icdr >= rules.only_eye.finding_from_icdr
    return worst is not OutcomeRank.FOLLOW_UP or (reading.is_read and graded)


def _raised(rules: OutcomeRules, found: list[tuple[str, Verdict]]) -> Verdict:
    worst = min((verdict.rank for _, verdict in found), key=_place)
    return Verdict(rules.only_eye.step[worst], rules.only_eye.max_interval_months)


def _place(rank: OutcomeRank) -> int:
    return rank.place
