"""What a report of each service type must say, and what it is called (config/report_forms)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from consult.cases.model import ServiceType
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words
from consult.reports.grading import OutcomeRank
from consult.reports.lesions import CODE
from consult.reports.model import ReferralNeed
from consult.reports.proposals import Follows, parse_follows


class EyesAsked(enum.StrEnum):
    """How much of the eyes a report must tell.

    both: every eye that is there has a quality; one: at least one has; described: at least one
    has a quality or findings in words. In each, an eye with a picture that counts has a quality.
    none: the report is about something else, and says nothing of the eyes.
    """

    BOTH = "both"
    ONE = "one"
    DESCRIBED = "described"
    NONE = "none"


class RequiredPart(enum.StrEnum):
    """The parts that a form can require; each is a field of ReportBody."""

    DIAGNOSES = "diagnoses"
    IMPRESSION = "impression"
    ANSWER = "answer"
    ADVICE = "advice"
    REFERRAL_NEED = "referral_need"
    LIMITS = "limits"


class Author(enum.StrEnum):
    """Who stands on the report as its author of record (U25)."""

    CONSULTING_EXPERT = "consulting_expert"
    REPORTING_PHYSICIAN = "reporting_physician"
    REVIEWING_PHYSICIAN = "reviewing_physician"
    REQUESTING_PHYSICIAN = "requesting_physician"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text that is offered for one part and never filled in by itself."""

    part: RequiredPart
    text: Words


@dataclass(frozen=True, slots=True)
class Normal:
    """What the key for two eyes without an apparent abnormality says of the patient as a whole."""

    advice: Words
    referral_need: ReferralNeed
    interval_months: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report that only its form knows: codes to tick, and words."""

    code: str
    label: Words
    is_required: bool
    codes: Mapping[str, Words]
    alone: frozenset[str]
    """Codes that exclude every other one of the section (未见明显异常)."""


@dataclass(frozen=True, slots=True)
class ReportForm:
    """What one service type's report must say about pictures of these modalities.

    A form without modalities is its service type's own, for all other pictures; one that `is_rest`
    also takes pictures of its modalities together with those of its service's other forms.
    """

    name: str
    version: str
    source: str
    service_type: ServiceType
    eyes: EyesAsked
    grade_required: bool
    findings_required: bool
    interval_required: bool
    required: tuple[RequiredPart, ...]
    phrases: tuple[Phrase, ...]
    modalities: frozenset[str]
    is_rest: bool
    sections: tuple[Section, ...]
    title: "Title | None"
    normal: Normal | None = None
    proposed: Mapping[OutcomeRank, Follows] = field(default_factory=dict)

    @property
    def has_eyes(self) -> bool:
        """Whether it asks about the eyes at all."""
        return self.eyes is not EyesAsked.NONE


@dataclass(frozen=True, slots=True)
class Title:
    """The title, the liability sentence and the authors of one service type's report."""

    title: Words
    sentence: Words
    authors: tuple[Author, ...]
    diagnosis_by: Author


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of every service type, versioned because a signed report prints them for ever."""

    name: str
    version: str
    source: str
    by_service: Mapping[ServiceType, Title]
    signature_line: Words


def parse_report_form(mapping: Mapping[str, object]) -> ReportForm:
    """A form of config/report_forms."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "service_type", "eyes", "grade_required"),
        *("findings_required", "interval_required", "required", "phrase"),
        *("modalities", "rest", "section", "title", "normal", "proposed"),
    )
    return ReportForm(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        service_type=table.code("service_type", ServiceType),
        eyes=table.code("eyes", EyesAsked),
        grade_required=table.flag("grade_required"),
        findings_required=table.flag("findings_required"),
        interval_required=table.flag("interval_required"),
        required=table.codes("required", RequiredPart),
        phrases=tuple(_parse_phrase(row) for row in table.tables("phrase")),
        modalities=frozenset(table.texts("modalities")),
        is_rest=table.flag_or_false("rest"),
        sections=_parse_sections(table),
        title=_parse_title(table.table("title")) if table.has("title") else None,
        normal=_parse_normal(table.table("normal")) if table.has("normal") else None,
        proposed=parse_follows(table.table("proposed")) if table.has("proposed") else {},
    )


def _parse_normal(table: RuleTable) -> Normal:
    table.only("advice", "referral_need", "interval_months")
    return Normal(
        advice=table.words("advice"),
        referral_need=table.code("referral_need", ReferralNeed),
        interval_months=table.whole("interval_months", lowest=1),
    )


def parse_titles(mapping: Mapping[str, object]) -> Titles:
    """The titles of config/titles.toml; every service type must be there."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "service", "signature_line")
    below = table.table("service")
    below.only(*ServiceType)
    return Titles(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        by_service=MappingProxyType(
            {code: _parse_title(below.table(code)) for code in ServiceType}
        ),
        signature_line=table.words("signature_line"),
    )


def _parse_phrase(table: RuleTable) -> Phrase:
    table.only("part", "text")
    return Phrase(part=table.code("part", RequiredPart), text=table.words("text"))


def _parse_sections(table: RuleTable) -> tuple[Section, ...]:
    found: dict[str, Section] = {}
    for row in table.tables("section"):
        row.only("code", "label", "required", "choice")
        code = row.text("code")
        if code in found or CODE.fullmatch(code) is None:
            raise row.wrong("code", "must be small letters, digits and _, and stand once")
        rows = row.tables("choice")
        choices = {each.text("code"): each.words("words") for each in rows}
        if len(choices) != len(rows):
            raise row.wrong("choice", "says one thing twice")
        found[code] = Section(
            code=code,
            label=row.words("label"),
            is_required=row.flag_or_false("required"),
            codes=MappingProxyType(choices),
            alone=frozenset(each.text("code") for each in rows if each.flag_or_false("alone")),
        )
    return tuple(found.values())


def _parse_title(table: RuleTable) -> Title:
    table.only("title", "sentence", "authors", "diagnosis_by")
    authors = table.codes("authors", Author)
    if not authors:
        raise table.wrong("authors", "must name somebody")
    return Title(
        title=table.words("title"),
        sentence=table.words("sentence"),
        authors=authors,
        diagnosis_by=table.code("diagnosis_by", Author),
    )
