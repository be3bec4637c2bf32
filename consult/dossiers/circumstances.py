"""What an authority asks about a case beside its course: licences, refusals, corrections."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from consult.cases.returns.model import CaseReturn, ReturnItem
from consult.journal.model import Line
from consult.journal.slice import Proof
from consult.people.patients.masking import mask_name
from consult.people.patients.model import Patient
from consult.people.practitioners.model import Practitioner
from consult.referrals.calls import CallResult, Spoken
from consult.reports.changes import changes_in
from consult.reports.verify import content_of
from consult.reports.versions import Report

_CALLED: Final = "referral.called"
_TOLD: Final = frozenset({"case.told", "appointment.slip_opened", _CALLED})
_TO_PATIENT: Final = frozenset({Spoken.PATIENT, Spoken.FAMILY})
_TURNED: Final = frozenset(
    {
        *("case.returned", "case.declined", "case.rejected", "case.forwarded"),
        *("case.withdrawn", "case.expired"),
    }
)


@dataclass(frozen=True, slots=True)
class Licence:
    """A physician's licence as it is on record, and whether it covers the day of her act."""

    person_id: str
    number: str
    valid_until: date | None
    on: date

    @property
    def is_valid(self) -> bool | None:
        """Whether it was valid on the day; None where no end is on record."""
        return None if self.valid_until is None else self.on <= self.valid_until


@dataclass(frozen=True, slots=True)
class Turn:
    """The case was returned, refused or taken back; `reason` is a code, `words` are typed.

    `items` is what a return asks for, by eye and field.
    """

    kind: str
    at: datetime
    person_id: str | None
    reason: str
    words: str
    items: Sequence[ReturnItem] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A version that amends or takes back another: which fields, why, and over which content."""

    version: int
    of_version: int
    fields: Sequence[str]
    cause: str
    words: str
    before_sha256: str


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody told the patient: `kind` is that of its entry, `whom` who answered a call."""

    kind: str
    at: datetime
    person_id: str | None
    whom: str


def licence_of(person: Practitioner, *, on: date) -> Licence:
    """The licence on the day of an act."""
    return Licence(person.id, person.licence_no, person.licence_valid_until, on)


def names_in(reports: Sequence[Report], patient: Patient) -> frozenset[str]:
    """What the patient is called, and was called in a signed version."""
    told = (content_of(report).get("patient") for report in reports)
    signed = {str(each.get("name", "")) for each in told if isinstance(each, dict)}
    return frozenset({patient.name, *signed}) - {""}


def turns_of(
    proofs: Sequence[Proof], returns: Sequence[CaseReturn], names: Collection[str]
) -> list[Turn]:
    """Every return, refusal and withdrawal, the oldest first."""
    items = {each.id: each.items for each in returns}
    return [
        Turn(
            proof.line.kind.partition(".")[2],
            proof.line.at,
            proof.line.practitioner_id,
            proof.line.reason or "",
            without_name((proof.words or {}).get("reason", ""), names),
            items.get(str(proof.line.codes.get("return")), ()),
        )
        for proof in proofs
        if proof.line.kind in _TURNED
    ]


def told_of(proofs: Sequence[Proof]) -> list[Told]:
    """Every slip and every call that reached the patient or the family, the oldest first."""
    return [
        Told(line.kind, line.at, line.practitioner_id, str(line.codes.get("whom") or ""))
        for line in (proof.line for proof in proofs)
        if line.kind in _TOLD and (line.kind != _CALLED or _has_reached(line))
    ]


def _has_reached(line: Line) -> bool:
    reached = line.codes.get("result") == CallResult.REACHED
    return reached and line.codes.get("whom") in _TO_PATIENT


def corrections_of(reports: Sequence[Report], names: Collection[str]) -> list[Correction]:
    """What each later version changed, without what it says of the patient."""
    by_version = {report.version: report for report in reports}
    found = []
    for report in sorted(reports, key=lambda each: each.version):
        content = content_of(report)
        told = content.get("amendment") or content.get("retraction")
        if not isinstance(told, dict):
            continue
        before = by_version.get(int(told["of_version"]))
        found.append(
            Correction(
                report.version,
                int(told["of_version"]),
                [each.field for each in changes_in(content)],
                str(told.get("cause", "")),
                without_name(str(told["reason"]), names),
                "" if before is None else before.sha256,
            )
        )
    return found


def without_name(words: str, names: Collection[str]) -> str:
    """What somebody typed, with the patient's name masked where it stands (U28)."""
    for name in names:
        words = words.replace(name, mask_name(name))
    return words
