"""A report's content from and to plain JSON; a draft may be incomplete, never malformed."""

import enum
from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import FormRefusedError
from consult.kernel.eyes import EyeStatus
from consult.reports.body_reader import BodyReader
from consult.reports.lesions import MOST_LESIONS, Lesion, Lesions, Quadrant, Said
from consult.reports.model import (
    Dme,
    EyeReading,
    NhsMaculopathy,
    NhsRetinopathy,
    Quality,
    QualityCause,
    ReferralNeed,
    ReferralUrgency,
    ReportBody,
)
from consult.reports.sections import SectionSaid

MOST_DIAGNOSES: Final = 20
MOST_MONTHS: Final = 60
HIGHEST_ICDR: Final = 4
MOST_SECTIONS: Final = 20
_MOST_CODES: Final = 40
_LONGEST_CODE: Final = 16
_LONGEST_SECTION_CODE: Final = 40
_DERIVED: Final = "least_icdr"


def parse_body(content: Mapping[str, object]) -> ReportBody:
    """The content of a draft; raises FormRefusedError with every malformed field.

    Absent, null and blank all mean that nobody has said it yet.
    """
    reader = BodyReader(content, "", [])
    body = ReportBody(
        right=_parse_reading(reader.below("right")),
        left=_parse_reading(reader.below("left")),
        diagnoses=reader.texts("diagnoses", most=MOST_DIAGNOSES, longest=_LONGEST_CODE),
        impression=reader.text("impression"),
        answer=reader.text("answer"),
        advice=reader.text("advice"),
        referral_need=reader.code("referral_need", ReferralNeed),
        referral_urgency=reader.code("referral_urgency", ReferralUrgency),
        interval_months=reader.whole("interval_months", low=1, high=MOST_MONTHS),
        override_reason=reader.text("override_reason"),
        limits=reader.text("limits"),
        amendment_reason=reader.text("amendment_reason"),
        sections=_parse_sections(reader),
    )
    reader.only({item.name for item in fields(ReportBody)})
    if reader.problems:
        raise FormRefusedError(reader.problems)
    return body


def body_as_json(body: ReportBody) -> dict[str, object]:
    """The content as plain JSON values, every field said, ready to be made canonical."""
    return {
        "right": reading_as_json(body.right),
        "left": reading_as_json(body.left),
        "diagnoses": list(body.diagnoses),
        "impression": body.impression,
        "answer": body.answer,
        "advice": body.advice,
        "referral_need": _plain(body.referral_need),
        "referral_urgency": _plain(body.referral_urgency),
        "interval_months": body.interval_months,
        "override_reason": body.override_reason,
        "limits": body.limits,
        "amendment_reason": body.amendment_reason,
        "sections": {code: said.as_json() for code, said in body.sections.items()},
    }


def _parse_reading(reader: BodyReader) -> EyeReading:
    reading = EyeReading(
        eye_status=reader.code("eye_status", EyeStatus),
        quality=reader.code("quality", Quality),
        causes=reader.codes("causes", QualityCause),
        icdr=reader.whole("icdr", low=0, high=HIGHEST_ICDR),
        dme=reader.code("dme", Dme),
        findings=reader.text("findings"),
        waiver=reader.text("waiver"),
        lesions=_parse_lesions(reader),
        nhs_r=reader.code("nhs_r", NhsRetinopathy),
        nhs_m=reader.code("nhs_m", NhsMaculopathy),
        grade_reason=reader.text("grade_reason"),
    )
    reader.only({item.name for item in fields(EyeReading)} - {_DERIVED})
    return reading


def _parse_lesions(reader: BodyReader) -> Lesions:
    """What was ticked; quadrants stand only where the lesion was seen."""
    found: dict[str, Lesion] = {}
    for code, below in reader.children("lesions", most=MOST_LESIONS):
        below.only({"said", "quadrants"})
        said, quadrants = below.code("said", Said), below.codes("quadrants", Quadrant)
        if quadrants and said is not Said.PRESENT:
            below.note("quadrants", "quadrants-need-lesion")
        elif said is not None:
            found[code] = Lesion(said, quadrants)
    return MappingProxyType(found)


def _parse_sections(reader: BodyReader) -> Mapping[str, SectionSaid]:
    """What was said in each section; an empty one is none."""
    found: dict[str, SectionSaid] = {}
    for code, below in reader.children("sections", most=MOST_SECTIONS):
        below.only({"codes", "text"})
        codes = below.texts("codes", most=_MOST_CODES, longest=_LONGEST_SECTION_CODE)
        said = SectionSaid(codes, below.text("text"))
        if not said.is_empty:
            found[code] = said
    return MappingProxyType(found)


def reading_as_json(reading: EyeReading) -> dict[str, object]:
    """One eye as plain JSON values."""
    return {
        "eye_status": _plain(reading.eye_status),
        "quality": _plain(reading.quality),
        "causes": [cause.value for cause in reading.causes],
        "icdr": reading.icdr,
        "dme": _plain(reading.dme),
        "findings": reading.findings,
        "waiver": reading.waiver,
        "lesions": {code: lesion.as_json() for code, lesion in reading.lesions.items()},
        "nhs_r": _plain(reading.nhs_r),
        "nhs_m": _plain(reading.nhs_m),
        "grade_reason": reading.grade_reason,
    }


def _plain(code: enum.StrEnum | None) -> str | None:
    return None if code is None else str(code.value)
