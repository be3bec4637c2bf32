"""What a report of each service type must say, and what it is called (config/report_forms)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consult.cases.model import ServiceType
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words


class EyesAsked(enum.StrEnum):
    """How much of the eyes a report must tell.

    both: every eye that is there has a quality; one: at least one has; described: at least one
    has a quality or findings in words. In each, an eye with a picture that counts has a quality.
    """

    BOTH = "both"
    ONE = "one"
    DESCRIBED = "described"


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
class ReportForm:
    """What one service type's report must say."""

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
