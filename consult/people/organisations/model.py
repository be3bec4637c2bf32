"""Institutions, consortia, panels, agreements, and which agreement lets a case be sent."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from consult.kernel.ids import (
    AgreementId,
    ConsortiumId,
    InstitutionId,
    PanelId,
    PractitionerId,
)

DEFAULT_ZONE = "Asia/Shanghai"
LONGEST_LIST = 500


class Tier(enum.StrEnum):
    """The tier of a hospital (三级, 二级, 一级), a community health site, or an authority."""

    TERTIARY = "tertiary"
    SECONDARY = "secondary"
    PRIMARY = "primary"
    COMMUNITY = "community"
    AUTHORITY = "authority"


class Standing(enum.StrEnum):
    """What an institution is within a consortium."""

    LEAD = "lead"
    MEMBER = "member"


def local_day(at: datetime, *, zone: str) -> date:
    """The date of this instant in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class Institution:
    """A hospital or a community site; its code stands in DICOMweb addresses."""

    id: InstitutionId
    code: str
    name: str
    name_en: str
    tier: Tier
    zone: str
    phone: str
    wrapped_key: bytes
    stopped_at: datetime | None
    revision: int

    def local_day(self, at: datetime) -> date:
        """The date of this instant where the institution is."""
        return local_day(at, zone=self.zone)


@dataclass(frozen=True, slots=True)
class Consortium:
    """A specialty consortium (专科医联体)."""

    id: ConsortiumId
    name: str
    name_en: str
    revision: int


@dataclass(frozen=True, slots=True)
class Member:
    """An institution within a consortium."""

    institution: Institution
    standing: Standing


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of experts of one institution, with its leader, for certain services."""

    id: PanelId
    consortium_id: ConsortiumId
    institution_id: InstitutionId
    name: str
    name_en: str
    leader_id: PractitionerId
    member_ids: frozenset[PractitionerId]
    services: frozenset[str]
    stopped_at: datetime | None
    revision: int


class AgreementField(enum.StrEnum):
    """What an agreement must have before a case may be sent under it."""

    AGREEMENT = "agreement"
    SERVICES = "services"
    FEE_RULE = "fee_rule"
    LIABILITY = "liability"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A cooperation agreement (合作协议): who may ask whom for what, on what terms, and when."""

    id: AgreementId
    consortium_id: ConsortiumId
    inviting_id: InstitutionId
    invited_id: InstitutionId
    services: frozenset[str]
    fee_rule: str
    liability: str
    valid_from: date
    valid_until: date
    signed_on: date | None
    revision: int

    def missing(self) -> AgreementField | None:
        """The first thing that its text still lacks."""
        if not self.services:
            return AgreementField.SERVICES
        if not self.fee_rule:
            return AgreementField.FEE_RULE
        if not self.liability:
            return AgreementField.LIABILITY
        return None

    def missing_for(self, service_type: str, on: date) -> AgreementField | None:
        """Why no case of this service may be sent under it on this day; None where one may."""
        if service_type not in self.services:
            return AgreementField.SERVICES
        if on < self.valid_from:
            return AgreementField.VALID_FROM
        if on > self.valid_until:
            return AgreementField.VALID_UNTIL
        return self.missing()

    @property
    def is_void(self) -> bool:
        """Whether it was ended before its first day."""
        return self.valid_until < self.valid_from

    def clashes_with(self, other: "Agreement") -> bool:
        """Whether both would hold for one service of the same two parties on one day."""
        return (
            self.id != other.id
            and not self.is_void
            and not other.is_void
            and (self.consortium_id, self.inviting_id, self.invited_id)
            == (other.consortium_id, other.inviting_id, other.invited_id)
            and bool(self.services & other.services)
            and self.valid_from <= other.valid_until
            and other.valid_from <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class PanelChoice:
    """A panel that a case may be sent to, its institution, and the agreement that allows it."""

    panel: Panel
    invited: Institution
    agreement: Agreement


# The nearer an agreement is to being usable, the more useful it is to name what it lacks.
_NEAREST = (
    AgreementField.LIABILITY,
    AgreementField.FEE_RULE,
    AgreementField.VALID_UNTIL,
    AgreementField.VALID_FROM,
    AgreementField.SERVICES,
    AgreementField.AGREEMENT,
)


def choose_agreement(
    agreements: Iterable[Agreement], service_type: str, on: date
) -> Agreement | AgreementField:
    """The agreement that holds for this service on this day, or what is missing most nearly."""
    lacks = {AgreementField.AGREEMENT}
    for agreement in agreements:
        missing = agreement.missing_for(service_type, on)
        if missing is None:
            return agreement
        lacks.add(missing)
    return next(field for field in _NEAREST if field in lacks)
