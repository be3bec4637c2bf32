"""What is kept of a report: the draft, the signed version, the receipt and the decision."""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from consult.annotations.model import Sheet
from consult.cases.model import ServiceType
from consult.kernel.ids import (
    CaseId,
    InstanceId,
    InstitutionId,
    PatientId,
    PractitionerId,
    ReportId,
)
from consult.kernel.words import Words
from consult.reports.after_rules import AfterRules
from consult.reports.alerts.model import AlertRules
from consult.reports.forms import ReportForm, Title, Titles
from consult.reports.grading import OutcomeRules
from consult.reports.lesion_rules import LesionRules
from consult.reports.model import SIGNED, ReportBody, ReportStatus, Validity
from consult.reports.own.rules import OwnRules
from consult.reports.second.matters import SecondRules
from consult.reports.second.review import ReviewRules

OF_AN_EYE: Final = "eye"
"""In the place of the modality of a picture that shows an eye: its form is the service's own."""


@dataclass(frozen=True, slots=True)
class ReportRules:
    """What a report of one service type is checked against and titled with."""

    form: ReportForm
    outcome: OutcomeRules
    titles: Titles
    diagnoses: Mapping[str, Words]
    grades: LesionRules
    second: SecondRules
    review: ReviewRules
    own: OwnRules
    alerts: AlertRules
    after: AfterRules
    others: tuple[ReportForm, ...] = ()
    """The forms of the same service type for other pictures, by their modalities."""

    @property
    def title(self) -> Title:
        """What the report is called: by its form where that says so, by its service type else."""
        return self.form.title or self.titles.by_service[self.form.service_type]

    def for_pictures(self, modalities: Collection[str]) -> "ReportRules":
        """The rules with the form for these pictures: one that is made for all of them.

        Where none is, but each picture has one of another form than the service's own, the form
        for the rest of them takes them all.
        """
        found = set(modalities)
        for form in self.others:
            if found and found <= form.modalities:
                return replace(self, form=form)
        known = frozenset[str]().union(*(form.modalities for form in self.others))
        rest = next((form for form in self.others if form.is_rest and found), None)
        return replace(self, form=rest) if rest and found <= known else self


@dataclass(frozen=True, slots=True)
class Draft:
    """An expert's unfinished report; it is its author's and outlives the lease (U20)."""

    case_id: CaseId
    author_id: PractitionerId
    content: Mapping[str, object] = field(repr=False)
    revision: int
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class DraftNote:
    """That somebody has an unfinished report, without its content."""

    case_id: CaseId
    author_id: PractitionerId
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """When a reader had a picture before her in full, or why the report does not rest on it."""

    instance_id: InstanceId
    seen_at: datetime | None
    left_out_reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """One signed version; `canonical` are the exact bytes that the signature covers."""

    id: ReportId
    case_id: CaseId
    patient_id: PatientId
    institution_id: InstitutionId
    version: int
    status: ReportStatus
    service_type: ServiceType
    author_id: PractitionerId
    signed_at: datetime
    canonical: bytes = field(repr=False)
    sha256: str
    shown_sha256: str
    signature: bytes = field(repr=False)
    seal_id: str

    @property
    def is_opinion(self) -> bool:
        """Whether it says something of the patient, as a retraction does not."""
        return self.status in SIGNED


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a version still holds, and by which later version it does not."""

    validity: Validity
    by: Report | None = None


def standing_of(report: Report, versions: Sequence[Report]) -> Standing:
    """How a version stands among all of its case, newest first; a signed version never changes."""
    newest = versions[0]
    if newest.status is ReportStatus.RETRACTED:
        return Standing(Validity.RETRACTED, newest)
    if newest.id == report.id:
        return Standing(Validity.VALID)
    return Standing(Validity.AMENDED, newest)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the signer is shown before signing, and the hash that binds the signature to it."""

    content: Mapping[str, object] = field(repr=False)
    shown_sha256: str
    draft_revision: int
    body: ReportBody = field(repr=False)
    sheet: Sheet | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The inviting side has read one version."""

    report_id: ReportId
    practitioner_id: PractitionerId
    at: datetime


class Choice(enum.StrEnum):
    """Whether the inviting physician follows the opinion."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    NOT_ACCEPTED = "not_accepted"


class NextStep(enum.StrEnum):
    """What the inviting physician does with the patient."""

    REFER = "refer"
    FOLLOW_UP = "follow_up"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Decision:
    """The inviting physician's own decision on a report (RPT-07): the record of treatment."""

    id: str
    case_id: CaseId
    report_id: ReportId
    practitioner_id: PractitionerId
    choice: Choice
    reason: str = field(repr=False)
    next_step: NextStep
    note: str = field(repr=False)
    decided_at: datetime
