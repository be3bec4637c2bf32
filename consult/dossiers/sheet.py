"""One case on one page, for whoever supervises: who did what when, and whether it still holds.

It leaves out what supervision does not need: the full name, numbers, answers, findings, diagnoses.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from consult.cases import service_oversight
from consult.cases.consents import service as consents
from consult.cases.consents.model import RecordedConsent
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.cases.returns import service as returns
from consult.discussion import records as discussion
from consult.discussion.model import Summary
from consult.dossiers.circumstances import (
    Correction,
    Licence,
    Told,
    Turn,
    corrections_of,
    licence_of,
    names_in,
    told_of,
    turns_of,
)
from consult.dossiers.readers import VIEWED, Reader, readers_of
from consult.dossiers.service import MOST_LINES
from consult.journal import service as journal
from consult.journal.model import hash_of_line
from consult.journal.slice import Proof, lines_about, proofs_of_case
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import agreements
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Agreement, Institution
from consult.people.patients import service as patients
from consult.people.patients.masking import mask_name
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import service as referrals
from consult.referrals.records import Appointment, Referral
from consult.reports import service as reports
from consult.reports.seal import Seal
from consult.reports.signed_marks import is_whole
from consult.reports.versions import Decision, Report

MOST_READERS: Final = 8
MOST_ROWS: Final = 3
_TAKEN: Final = frozenset(
    {"dossier.exported", "image.downloaded", "marks.exported", "report.downloaded"}
)
_ACCEPTED: Final = "case.claimed"


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
    agreement: Agreement | None
    licences: Sequence[Licence]
    turns: Sequence[Turn]
    told: Sequence[Told]
    closed_on: date | None
    journal_head: str
    corrections: Sequence[Correction]
    discussion: Summary
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
    viewed = lines_about(
        work.session,
        kind=VIEWED,
        object_ids=images.studies_of(inside, case.id),
        limit=MOST_LINES,
    )
    readers = readers_of([*(proof.line for proof in proofs), *viewed])
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
    names = names_in(signed, patient)
    turns = turns_of(proofs, returns.list_returns(inside, case.id), names)
    told = told_of(proofs)[-MOST_ROWS:]
    people |= {turn.person_id for turn in turns} | {each.person_id for each in told}
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
        reports=[
            (report, is_whole(work.session, report, seal=seal)) for report in signed[:MOST_ROWS]
        ],
        accepted=_promise(case.accept_by, _first(proofs, _ACCEPTED), now=work.now),
        reported=_promise(case.report_by, first_signed, now=work.now),
        decisions=decisions[:MOST_ROWS],
        referrals=[(each, referrals.find_appointment(inside, each)) for each in sent[:MOST_ROWS]],
        agreement=_agreement(inside, case),
        licences=_licences(inside, case, signed)[:MOST_ROWS],
        turns=turns[-MOST_ROWS:],
        told=told,
        closed_on=_closed_on(inside, case),
        journal_head=journal.head_on_paper(work.session),
        corrections=corrections_of(signed, names)[-MOST_ROWS:],
        discussion=discussion.summarise(inside, case),
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


def _agreement(work: Work, case: Case) -> Agreement | None:
    if case.agreement_id is None:
        return None
    return agreements.get_agreement(work, case.agreement_id)


def _closed_on(work: Work, case: Case) -> date | None:
    """The day of the closing where the case was asked."""
    if case.closed_at is None:
        return None
    return organisations.get_institution(work, case.institution_id).local_day(case.closed_at)


def _licences(work: Work, case: Case, signed: Sequence[Report]) -> list[Licence]:
    """Of whoever asked, on the day of the submission, and of each author, on that of signing."""
    acts = [(report.author_id, report.signed_at, report.institution_id) for report in signed]
    if case.requesting_physician_id is not None and case.submitted_at is not None:
        acts.append((case.requesting_physician_id, case.submitted_at, case.institution_id))
    found: dict[str, Licence] = {}
    for person_id, at, place_id in reversed(acts):
        zone = ZoneInfo(organisations.get_institution(work, place_id).zone)
        person = practitioners.get_practitioner(work, person_id)
        found.setdefault(person_id, licence_of(person, on=at.astimezone(zone).date()))
    return list(found.values())


def _first(proofs: Sequence[Proof], kind: str) -> datetime | None:
    return next((proof.line.at for proof in proofs if proof.line.kind == kind), None)


def _promise(due_at: datetime | None, kept_at: datetime | None, *, now: datetime) -> Promise:
    if due_at is None:
        return Promise(None, kept_at, None)
    if kept_at is None:
        return Promise(due_at, None, False if now > due_at else None)
    return Promise(due_at, kept_at, kept_at <= due_at)


def _broken_line(proofs: Sequence[Proof]) -> int | None:
    """The position of the first line whose hash does not follow from the one before it."""
    for proof in proofs:
        if hash_of_line(proof.previous, proof.line) != proof.line.hash:
            return proof.line.position
    return None
