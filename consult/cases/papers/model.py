"""What papers there are, the link by which a telephone photographs them, and its bounds."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from consult.cases.consent_rules import SigningMethod
from consult.kernel.ids import CaseId, InstitutionId, PatientId, PractitionerId
from consult.kernel.rules import RuleTable
from consult.studies.model import Instance


class PaperKind(enum.StrEnum):
    """A signed consent stays with the institution; another hospital's report is for the expert."""

    CONSENT = "consent"
    OUTSIDE_REPORT = "outside_report"


class LinkState(enum.StrEnum):
    """What a link is good for now."""

    FRESH = "fresh"
    USED = "used"
    EXPIRED = "expired"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PaperRules:
    """config/papers.toml: how long a link lasts, its bounds, which consents are photographed."""

    link: timedelta
    most_photographs: int
    largest_photograph_bytes: int
    signed_on_paper: frozenset[SigningMethod]
    due: timedelta
    most_listed: int


@dataclass(frozen=True, slots=True)
class PaperLink:
    """A link for one telephone and one case; `taken` counts the photographs that it has sent."""

    id: str
    case_id: CaseId
    institution_id: InstitutionId
    made_by: PractitionerId
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    ended_at: datetime | None
    taken: int

    def state(self, *, now: datetime) -> LinkState:
        """What it is good for; where the clock was put back before its making, for nothing."""
        if self.ended_at is not None:
            return LinkState.ENDED
        if not self.made_at <= now < self.expires_at:
            return LinkState.EXPIRED
        return LinkState.FRESH if self.used_at is None else LinkState.USED

    def is_live(self, *, now: datetime) -> bool:
        """Whether a telephone may use it, or send by it."""
        return self.state(now=now) in {LinkState.FRESH, LinkState.USED}


@dataclass(frozen=True, slots=True)
class Purpose:
    """For what a photograph is sent, and by which telephone; `link` is None at a computer."""

    case_id: str
    kind: PaperKind
    link: PaperLink | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A photograph of a paper on its way: which upload it is, and by which link it came."""

    upload_id: str
    case_id: CaseId
    kind: PaperKind
    link_id: str | None
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A photographed consent as stored; `consent_id` is the one that it shows."""

    id: str
    case_id: CaseId
    patient_id: PatientId
    instance_id: str
    consent_id: str | None
    link_id: str | None
    added_by: PractitionerId
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Awaited:
    """A consent on paper whose photograph is still to come, by the end of `due_on`."""

    consent_id: str
    patient_id: PatientId
    case_id: CaseId | None
    due_on: date

    def days_late(self, today: date) -> int:
        """How many days it is overdue; 0 until its day is over."""
        return max((today - self.due_on).days, 0)


@dataclass(frozen=True, slots=True)
class Paper:
    """A photographed consent with its picture."""

    row: PaperRow
    instance: Instance


def parse_paper_rules(mapping: Mapping[str, object]) -> PaperRules:
    """The rules of config/papers.toml."""
    table = RuleTable(mapping)
    figures = ("link_min", "most_photographs", "largest_photograph_bytes", "due_days")
    table.only("name", "version", "source", "signed_on_paper", "most_listed", *figures)
    table.text("source")
    return PaperRules(
        link=timedelta(minutes=table.whole("link_min", lowest=1)),
        most_photographs=table.whole("most_photographs", lowest=1),
        largest_photograph_bytes=table.whole("largest_photograph_bytes", lowest=1),
        signed_on_paper=frozenset(table.codes("signed_on_paper", SigningMethod)),
        due=timedelta(days=table.whole("due_days", lowest=1)),
        most_listed=table.whole("most_listed", lowest=1),
    )
