"""One case on one page, for whoever supervises: who did what when, and whether it still holds.

It leaves out what supervision does not need: the full name, numbers, answers, findings, diagnoses.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from consult.cases import service_oversight
from consult.cases.consents import service as consents
from consult.cases.consents.model import RecordedConsent
from consult.cases.model import Case
from consult.dossiers.service import MOST_LINES
from consult.journal.model import hash_of_line
from consult.journal.slice import Proof, proofs_of_case
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.masking import mask_name
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import service as referrals
from consult.referrals.records import Appointment, Referral
from consult.reports import service as reports
from consult.reports.seal import Seal
from consult.reports.verify import broken_parts
from consult.reports.versions import Decision, Report

MOST_READERS: Final = 8
MOST_ROWS: Final = 3
_READ: Final = frozenset({"case.opened", "report.opened"})
_TAKEN: Final = frozenset({"dossier.exported", "image.downloaded"})
_ACCEPTED: Final = "case.claimed"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who opened the case or its report."""

    person_id: str
    institution_id: str
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised, and when it was kept; `is_kept` is None while there is time."""

    due_at: datetime | None
    kept_at: datetime | None
    is_kept: bool | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page says."""

    case: Case
    masked_name: str
    sex: str
    age: int
    consents: Sequence[RecordedConsent]
    readers: Sequence[Reader]
    other_readers: int
    taken: int
    reports: Sequence[tuple[Report, bool]]
    accepted: Promise
    reported: Promise
    decisions: Sequence[Decision]
    referrals: Sequence[tuple[Referral, Appointment | None]]
    lines: int
    broken_line: int | None
    places: Mapping[str, Institution]
    names: Mapping[str, PersonName]
    now: datetime

    @property
    def is_whole(self) -> bool:
        """Whether every line and every signature of the case holds."""
        return self.broken_line is None and all(holds for _report, holds in self.reports)


def make_sheet(work: Work, *, case_id: str, seal: Seal) -> Sheet:
    """The page of a case that the actor supervises; policy is asked once, before all else."""
    case = service_oversight.get_overseen(work, case_id)
    inside = replace(work, actor=SYSTEM)
    proofs = proofs_of_case(work.session, case.id, limit=MOST_LINES)
    signed = reports.list_reports(inside, case.id)
    readers = _readers(proofs)
    agreed = _consents(inside, case)
    decisions = reports.list_decisions(inside, case.id)
    sent = referrals.list_referrals(inside, case.id)
    patient = patients.get_patient(inside, case.patient_id)
    today = organisations.today_at(inside, case.institution_id)
    places: set[str | None] = {case.institution_id, case.invited_institution_id}
    places |= {each.institution_id for each in readers[:MOST_READERS]}
    people: set[str | None] = {case.requesting_physician_id, case.prepared_by_id}
    people |= {each.person_id for each in readers[:MOST_READERS]}
    people |= {report.author_id for report in signed} | {each.practitioner_id for each in decisions}
    people |= {consent.recorded_by_id for consent in agreed}
    first_signed = min((report.signed_at for report in signed), default=None)
    return Sheet(
        case=case,
        masked_name=mask_name(patient.name),
        sex=patient.sex.value,
        age=patient.age_on(today),
        consents=agreed[:MOST_ROWS],
        readers=readers[:MOST_READERS],
        other_readers=max(len(readers) - MOST_READERS, 0),
        taken=sum(proof.line.kind in _TAKEN for proof in proofs),
        reports=[(report, not broken_parts(report, seal=seal)) for report in signed[:MOST_ROWS]],
        accepted=_promise(case.accept_by, _first(proofs, _ACCEPTED), now=work.now),
        reported=_promise(case.report_by, first_signed, now=work.now),
        decisions=decisions[:MOST_ROWS],
        referrals=[(each, referrals.find_appointment(inside, each)) for each in sent[:MOST_ROWS]],
        lines=len(proofs),
        broken_line=_broken_line(proofs),
        places={each: organisations.get_institution(inside, each) for each in _known(places)},
        names=practitioners.names_of(inside, _known(people)),
        now=work.now,
    )


def _known(ids: Collection[str | None]) -> set[str]:
    return {each for each in ids if each is not None}


def _consents(work: Work, case: Case) -> list[RecordedConsent]:
    found = consents.list_consents(work, patient_id=case.patient_id)
    return [consent for consent in found if consent.case_id in {None, case.id}]


def _first(proofs: Sequence[Proof], kind: str) -> datetime | None:
    return next((proof.line.at for proof in proofs if proof.line.kind == kind), None)


def _promise(due_at: datetime | None, kept_at: datetime | None, *, now: datetime) -> Promise:
    if due_at is None:
        return Promise(None, kept_at, None)
    if kept_at is None:
        return Promise(due_at, None, False if now > due_at else None)
    return Promise(due_at, kept_at, kept_at <= due_at)


def _readers(proofs: Sequence[Proof]) -> list[Reader]:
    """Who opened it for which institution, the first reader first."""
    times: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], datetime] = {}
    last: dict[tuple[str, str], datetime] = {}
    for line in (proof.line for proof in proofs):
        if line.kind not in _READ or line.practitioner_id is None or line.institution_id is None:
            continue
        who = (line.practitioner_id, line.institution_id)
        times[who] += 1
        first.setdefault(who, line.at)
        last[who] = line.at
    return [Reader(*who, first[who], last[who], times[who]) for who in first]


def _broken_line(proofs: Sequence[Proof]) -> int | None:
    """The position of the first line whose hash does not follow from the one before it."""
    for proof in proofs:
        if hash_of_line(proof.previous, proof.line) != proof.line.hash:
            return proof.line.position
    return None
