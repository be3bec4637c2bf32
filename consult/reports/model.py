"""The report: its versions, and the structured content that an expert signs."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import ConflictError
from consult.kernel.eyes import Eye, EyeStatus
from consult.kernel.ids import ReportId
from consult.reports.lesions import NOTHING_SAID, Lesions
from consult.reports.sections import NO_SECTIONS, SectionSaid


class ReportStatus(enum.StrEnum):
    """What one version of a report is; a signed version stays what it was signed as."""

    DRAFT = "draft"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    RETRACTED = "retracted"


NEXT_REPORT_STATUS: Final[Mapping[ReportStatus, frozenset[ReportStatus]]] = MappingProxyType(
    {
        ReportStatus.DRAFT: frozenset(
            {ReportStatus.PRELIMINARY, ReportStatus.FINAL, ReportStatus.AMENDED}
        ),
        # Awaiting review; a version that is sent back is a draft again.
        ReportStatus.PRELIMINARY: frozenset(
            {ReportStatus.DRAFT, ReportStatus.FINAL, ReportStatus.AMENDED}
        ),
        # What may follow a signed version is always another version with its own signature.
        ReportStatus.FINAL: frozenset({ReportStatus.AMENDED, ReportStatus.RETRACTED}),
        ReportStatus.AMENDED: frozenset({ReportStatus.AMENDED, ReportStatus.RETRACTED}),
        ReportStatus.RETRACTED: frozenset({ReportStatus.AMENDED}),
    }
)
SIGNED: Final = frozenset({ReportStatus.FINAL, ReportStatus.AMENDED})
"""The versions that say something of the patient; a retraction only takes back."""

# FHIR R4 value set diagnostic-report-status.
DIAGNOSTIC_REPORT_STATUS: Final[Mapping[ReportStatus, str]] = MappingProxyType(
    {
        ReportStatus.DRAFT: "registered",
        ReportStatus.PRELIMINARY: "preliminary",
        ReportStatus.FINAL: "final",
        ReportStatus.AMENDED: "amended",
        ReportStatus.RETRACTED: "entered-in-error",
    }
)


class RetractionCause(enum.StrEnum):
    """Why a report is taken back."""

    WRONG_PATIENT = "wrong_patient"
    WRONG_EYE = "wrong_eye"
    WRONG_IMAGES = "wrong_images"
    WRONG_FINDING = "wrong_finding"
    OTHER = "other"


class Validity(enum.StrEnum):
    """Whether a signed version still holds, which only later versions decide."""

    VALID = "valid"
    AMENDED = "amended"
    RETRACTED = "retracted"


class Quality(enum.StrEnum):
    """How well the photographs of one eye can be read."""

    GOOD = "good"
    GRADABLE = "gradable"
    UNGRADABLE = "ungradable"


class QualityCause(enum.StrEnum):
    """What keeps an eye from being read well."""

    MEDIA_OPACITY = "media_opacity"
    SMALL_PUPIL = "small_pupil"
    OUT_OF_FOCUS = "out_of_focus"
    UNDER_EXPOSED = "under_exposed"
    OVER_EXPOSED = "over_exposed"
    OBSCURED = "obscured"
    FIELD_INCOMPLETE = "field_incomplete"
    NO_IMAGE = "no_image"


class Dme(enum.StrEnum):
    """Diabetic macular oedema, as far as a photograph tells."""

    NONE = "none"
    SUSPECTED = "suspected"
    PRESENT = "present"
    CANNOT_TELL = "cannot_tell"


class NhsRetinopathy(enum.StrEnum):
    """Retinopathy by the NHS screening programme, the mildest first; S is stable, A active."""

    R0 = "R0"
    R1 = "R1"
    R2 = "R2"
    R3S = "R3S"
    R3A = "R3A"


class NhsMaculopathy(enum.StrEnum):
    """Maculopathy by the NHS screening programme."""

    M0 = "M0"
    M1 = "M1"


class ReferralNeed(enum.StrEnum):
    """Whether the patient should be seen by the specialist, the least pressing first."""

    NONE = "none"
    REFER = "refer"
    URGENT = "urgent"

    @property
    def place(self) -> int:
        """0 for the least pressing."""
        return list(ReferralNeed).index(self)


class ReferralUrgency(enum.StrEnum):
    """How soon: at once, within the days of the rules, or routine."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    ROUTINE = "routine"


@dataclass(frozen=True, slots=True)
class EyeReading:
    """What was read of one eye; nothing has a default, and None is what nobody has said yet.

    `icdr` counts the International Clinical Diabetic Retinopathy scale from 0 to 4. `waiver` says
    why an eye that cannot be read needs neither a retake nor an examination. `lesions` are what was
    ticked, `grade_reason` why a grade is another one than the rule computes from them, and
    `least_icdr` what an eye that cannot be graded shows all the same; that is never stored.
    """

    eye_status: EyeStatus | None
    quality: Quality | None
    causes: tuple[QualityCause, ...]
    icdr: int | None
    dme: Dme | None
    findings: str
    waiver: str
    lesions: Lesions = field(default_factory=lambda: NOTHING_SAID)
    nhs_r: NhsRetinopathy | None = None
    nhs_m: NhsMaculopathy | None = None
    grade_reason: str = ""
    least_icdr: int | None = None

    @property
    def is_read(self) -> bool:
        """Whether the eye is there and its photographs could be read."""
        return self.eye_status is not EyeStatus.ABSENT and self.quality in {
            Quality.GOOD,
            Quality.GRADABLE,
        }

    @property
    def is_ungradable(self) -> bool:
        """Whether the eye is there and its photographs could not be read."""
        return self.eye_status is not EyeStatus.ABSENT and self.quality is Quality.UNGRADABLE


@dataclass(frozen=True, slots=True)
class ReportBody:
    """The content of one report; nothing has a default.

    `override_reason` says why the need for referral is stated below what the rule finds;
    `amendment_reason` why a signed report is amended; `sections` are those that the form has.
    """

    right: EyeReading
    left: EyeReading
    diagnoses: tuple[str, ...]
    impression: str
    answer: str
    advice: str
    referral_need: ReferralNeed | None
    referral_urgency: ReferralUrgency | None
    interval_months: int | None
    override_reason: str
    limits: str
    amendment_reason: str = ""
    sections: Mapping[str, SectionSaid] = field(default_factory=lambda: NO_SECTIONS)

    def reading(self, eye: Eye) -> EyeReading:
        """What was read of this eye."""
        return self.right if eye is Eye.RIGHT else self.left


class ReportStepNotAllowedError(ConflictError):
    """The report version has moved on, or was signed and never changes."""

    def __init__(self, report_id: ReportId, have: ReportStatus, want: ReportStatus) -> None:
        super().__init__("report-step-not-allowed", report_id=report_id, have=have, want=want)
        self.report_id, self.have, self.want = report_id, have, want


def require_report_step(report_id: ReportId, *, have: ReportStatus, want: ReportStatus) -> None:
    """Raise ReportStepNotAllowedError unless the table has this step."""
    if want not in NEXT_REPORT_STATUS[have]:
        raise ReportStepNotAllowedError(report_id, have, want)


def signed_status(version: int) -> ReportStatus:
    """What a version becomes by its signature: the first is final, every later one an amendment."""
    return ReportStatus.FINAL if version == 1 else ReportStatus.AMENDED


def make_blank_reading() -> EyeReading:
    """An eye of which nobody has said anything yet."""
    return EyeReading(
        eye_status=None, quality=None, causes=(), icdr=None, dme=None, findings="", waiver=""
    )


def make_blank_body() -> ReportBody:
    """The empty form: nothing is preselected."""
    return ReportBody(
        right=make_blank_reading(),
        left=make_blank_reading(),
        diagnoses=(),
        impression="",
        answer="",
        advice="",
        referral_need=None,
        referral_urgency=None,
        interval_months=None,
        override_reason="",
        limits="",
    )
