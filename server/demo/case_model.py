"""What the demonstration shall contain of one case: the question, the pictures, the answer."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from consult.annotations.model import Tool
from consult.cases.acuity import Acuity
from consult.cases.model import CaseStatus, Priority, ServiceType
from consult.cases.protocol import FieldCode
from consult.cases.returns.model import ReturnItem
from consult.discussion.model import MessageKind
from consult.kernel.eyes import Eye
from consult.reports.lesions import Quadrant
from consult.reports.model import Dme, Quality
from consult.reports.versions import Choice, NextStep


class Fate(enum.StrEnum):
    """What became of an appointment before the visit."""

    STOPPED = "stopped"
    MISSED = "missed"


class StepKind(enum.StrEnum):
    """What is done to a case on its way to where the demonstration shows it."""

    OPEN = "open"
    CONSENT = "consent"
    ADD_IMAGES = "add_images"
    SUBMIT = "submit"
    CLAIM = "claim"
    DRAFT_REPORT = "draft_report"
    SIGN = "sign"
    ACKNOWLEDGE = "acknowledge"
    DECIDE = "decide"
    REFER = "refer"
    BOOK = "book"
    STOP = "stop"
    NOSHOW = "noshow"
    CALL = "call"
    ARRIVE = "arrive"
    RECORD_OUTCOME = "record_outcome"
    CLOSE = "close"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    RETURN = "return"
    SEND_ON = "send_on"
    FORWARD = "forward"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class HistoryPlan:
    """What the community doctor asked; None is: not known or not measured."""

    diabetes: str
    diagnosed_year: int | None
    hba1c_percent: str | None
    blood_pressure: str | None
    acuity: Mapping[Eye, Acuity]
    acuity_corrected: bool
    iop_mmhg: Mapping[Eye, int]
    drugs: str | None
    red_flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """One photograph: `draw_params` is for imaging.fundus.spec.parse_spec."""

    file_name: str
    eye: Eye
    field: FieldCode
    captured_at: datetime
    draw_params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlacePlan:
    """A photograph of the case, by what it shows."""

    eye: Eye
    field: FieldCode


@dataclass(frozen=True, slots=True)
class MarkPlan:
    """A mark on a photograph; points are (column, row) as shares of its width and height."""

    tool: Tool
    place: PlacePlan
    points: tuple[tuple[float, float], ...]
    lesion: str | None
    label: str


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What the expert draws, and which photographs she chooses for the report."""

    marks: tuple[MarkPlan, ...]
    key_images: tuple[PlacePlan, ...]


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """What somebody writes on the case, so long after it was opened; a reply answers the first."""

    login: str
    kind: MessageKind
    text: str
    is_reply: bool
    about: PlacePlan | None
    after: timedelta


@dataclass(frozen=True, slots=True)
class EyeReadingPlan:
    """What the expert writes about one eye; `icdr` is None where nothing can be graded.

    `seen` are the lesions that she ticks as present, with their quadrants; every other one she
    ticks as not seen, and leaves the grades to the rules. None where she ticks nothing.
    """

    eye: Eye
    quality: Quality
    quality_cause: str | None
    icdr: int | None
    dme: Dme
    signs: tuple[str, ...]
    findings: str
    seen: Mapping[str, tuple[Quadrant, ...]] | None


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """The report as drafted or signed; the sentences are the product's own."""

    eyes: tuple[EyeReadingPlan, ...]
    impression: str
    advice: str
    answer: str | None
    icd10: tuple[str, ...]
    referral: str
    interval_months: int | None
    override: str | None


@dataclass(frozen=True, slots=True)
class DecisionPlan:
    """The inviting physician's decision."""

    verdict: Choice
    next: NextStep
    note: str


@dataclass(frozen=True, slots=True)
class OutcomePlan:
    """What the visit to the hospital showed."""

    diagnosis: str
    findings: str
    advice: str


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """One appointment that a clinic offers."""

    clinic: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class TurnPlan:
    """What an expert does with a case before anybody reads it, and what she says."""

    kind: StepKind
    login: str
    reason: str
    asked: tuple[ReturnItem, ...]
    panel: str | None


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One act: by whom, for which institution, when."""

    kind: StepKind
    login: str
    institution: str
    at: datetime
    turn: TurnPlan | None = None
    message: MessagePlan | None = None


@dataclass(frozen=True, slots=True)
class CasePlan:
    """One case and the acts that lead to `target`."""

    key: str
    target: CaseStatus
    service: ServiceType
    priority: Priority
    institution: str
    panel: str
    patient: str
    question: str
    summary: str | None
    history: HistoryPlan
    images: tuple[ImagePlan, ...]
    extra_files: tuple[str, ...]
    report: ReportPlan | None
    decision: DecisionPlan | None
    clinic: str | None
    slot: SlotPlan | None
    outcome: OutcomePlan | None
    reason: str | None
    sheet: SheetPlan | None
    steps: tuple[StepPlan, ...]
