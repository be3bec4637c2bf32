"""How a signature is proved: each by itself, or screening reads in a signing window (U19)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases.model import Case, Priority, ServiceType
from consult.kernel.errors import ForbiddenError
from consult.kernel.rules import RuleTable
from consult.kernel.work import Entry, Work
from consult.people.sessions import windows
from consult.people.sessions.model import Window
from consult.people.sessions.windows import WindowRules
from consult.reports.model import ReferralUrgency, ReportBody
from consult.reports.screens import Screen

_LONGEST = timedelta(minutes=60)
_LONGEST_IDLE = timedelta(minutes=10)


class Way(enum.StrEnum):
    """What proved who signs."""

    PASSWORD = "password"  # noqa: S105 - the name of a way
    PROVIDER = "provider"
    WINDOW = "window"


class NotInWindowError(ForbiddenError):
    """No window is for this report: it is signed with the password."""

    def __init__(self) -> None:
        super().__init__("signing-window-not-for-this")


@dataclass(frozen=True, slots=True)
class SigningRules:
    """Which reports a window and a small screen are for, and its bounds (config/signing.toml)."""

    name: str
    version: str
    source: str
    service_types: frozenset[ServiceType]
    priorities: frozenset[Priority]
    referral_urgencies: frozenset[ReferralUrgency]
    window: WindowRules
    small_screen: frozenset[ServiceType]

    def is_for_case(self, case: Case, *, version: int) -> bool:
        """Whether the first report on this case may be signed in a window at all."""
        is_kind = case.service_type in self.service_types and case.priority in self.priorities
        return version == 1 and is_kind

    def is_for(self, case: Case, body: ReportBody, *, version: int) -> bool:
        """Whether this report may: none that asks for an urgent referral, or argues one down."""
        urgency = body.referral_urgency
        is_calm = urgency is None or urgency in self.referral_urgencies
        is_calm = is_calm and not body.override_reason.strip()
        return is_calm and self.is_for_case(case, version=version)


@dataclass(frozen=True, slots=True)
class Proof:
    """Who signs was proved in this way; a window, from this address and under these rules."""

    way: Way = Way.PASSWORD
    address: str = field(default="", repr=False)
    rules: SigningRules | None = None
    screen: Screen | None = None
    """On what she read, where her page has told."""

    def use(self, work: Work, case: Case, body: ReportBody, *, version: int) -> Mapping[str, str]:
        """What the journal says of it; a window is spent here, in the unit of the signature.

        Raises NotInWindowError, WindowOverError or WindowMovedError.
        """
        if self.way is not Way.WINDOW:
            return self.alone()
        if self.rules is None or not self.rules.is_for(case, body, version=version):
            raise NotInWindowError
        window = windows.spend_window(work, address=self.address, idle=self.rules.window.idle)
        return {"by": self.way.value, "window": window.id}

    def alone(self) -> Mapping[str, str]:
        """The same of a signature for which no window is ever good: NotInWindowError."""
        if self.way is Way.WINDOW:
            raise NotInWindowError
        return {"by": self.way.value}


BY_PASSWORD = Proof()


def find_window_for(
    work: Work, *, case: Case, body: ReportBody, version: int, rules: SigningRules
) -> Window | None:
    """The open window in which this report may be signed."""
    if not rules.is_for(case, body, version=version):
        return None
    return windows.find_window(work, idle=rules.window.idle)


def refuse_signature(work: Work, *, case_id: str, why: str) -> None:
    """Write on the case's own story that a signature was tried and not proved, and how."""
    case = cases.get_case(work, case_id)
    work.journal(
        Entry(
            "report.signature_refused",
            ObjectType.CASE,
            case.id,
            codes={"why": why},
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )


def parse_signing_rules(mapping: Mapping[str, object]) -> SigningRules:
    """The rules of config/signing.toml; a window longer than U19 allows is refused."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "window", "small_screen")
    part = table.table("window")
    part.only(
        "service_types",
        "priorities",
        "referral_urgencies",
        "lasts_minutes",
        "idle_minutes",
        "reports",
        "second_factor",
    )
    lasts = timedelta(minutes=part.whole("lasts_minutes", lowest=1))
    idle = timedelta(minutes=part.whole("idle_minutes", lowest=1))
    if lasts > _LONGEST:
        raise part.wrong("lasts_minutes", "must be at most 60")
    if idle > _LONGEST_IDLE:
        raise part.wrong("idle_minutes", "must be at most 10")
    kinds = frozenset(part.codes("service_types", ServiceType))
    if kinds - {ServiceType.SCREENING_READ}:
        raise part.wrong("service_types", "may name screening_read alone")
    small = table.table("small_screen")
    small.only("service_types")
    return SigningRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        service_types=kinds,
        priorities=frozenset(part.codes("priorities", Priority)),
        referral_urgencies=frozenset(part.codes("referral_urgencies", ReferralUrgency)),
        window=WindowRules(
            lasts=lasts,
            idle=idle,
            reports=part.whole("reports", lowest=1),
            needs_second_factor=part.flag("second_factor"),
        ),
        small_screen=frozenset(small.codes("service_types", ServiceType)),
    )
