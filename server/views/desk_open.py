"""The request that stands open in the office's list: what to copy, and where it may go (U22)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consult.calendar.clinics import Clinic
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients.model import Patient
from consult.referrals import service_triage
from consult.referrals.copying import CopyField
from consult.referrals.rules import BookingRules
from consult.reports.model import ReferralUrgency
from server.views.desk import ReferralPage, make_referral


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """One request with the fields to copy, the clinics that might see her, and graver urgencies."""

    page: ReferralPage
    copied: Sequence[tuple[CopyField, str]]
    between: str
    elsewhere: Sequence[tuple[Clinic, Institution]]
    graver: Sequence[ReferralUrgency]


def make_open(work: Work, *, referral_id: str, rules: BookingRules) -> OpenRequest:
    """Read it; that it was opened is written down."""
    page = make_referral(work, referral_id=referral_id, rules=rules)
    referral = page.referral
    clinics = service_triage.list_redirections(work, referral) if referral.waits else []
    places = organisations.institutions_by_id(work, {each.institution_id for each in clinics})
    copying = rules.periods.copying
    found = ((field, _one_line(_value(page, field))) for field in copying.fields)
    urgencies = list(ReferralUrgency)
    return OpenRequest(
        page=page,
        copied=[(field, value) for field, value in found if value],
        between=copying.between,
        elsewhere=[(each, places[each.institution_id]) for each in clinics],
        graver=urgencies[: urgencies.index(referral.urgency)] if referral.waits else [],
    )


def _value(page: ReferralPage, field: CopyField) -> str:
    """The field as it is kept: codes of sex, document and urgency are put into words later."""
    referral = page.referral
    coming = page.coming
    told: dict[CopyField, str] = {
        CopyField.INSTITUTION: page.inviting.name,
        CopyField.INSTITUTION_PHONE: page.inviting.phone,
        CopyField.PHYSICIAN: "" if page.requested_by is None else page.requested_by.name,
        CopyField.CLINIC: "" if page.asked_clinic is None else page.asked_clinic.facts.name,
        CopyField.URGENCY: referral.urgency,
        CopyField.DUE_ON: _day(referral.due_on),
        CopyField.REASON: referral.reason,
        CopyField.NUMBER: referral.number,
        CopyField.APPOINTMENT_NUMBER: "" if coming is None else coming.number,
    }
    return {**told, **_person(page.patient)}.get(field, "")


def _person(patient: Patient | None) -> dict[CopyField, str]:
    if patient is None:
        return {}
    return {
        CopyField.NAME: patient.name,
        CopyField.SEX: patient.sex,
        CopyField.BIRTH_ON: _day(patient.birth_on),
        CopyField.DOCUMENT_KIND: patient.facts.document_kind,
        CopyField.DOCUMENT_NUMBER: patient.facts.document_number,
        CopyField.PHONE: patient.facts.phone,
        CopyField.ADDRESS: patient.facts.address,
    }


def _day(day: date) -> str:
    return day.isoformat()


def _one_line(text: str) -> str:
    """A field with tabulators or ends of lines in it would be taken for several."""
    return " ".join(text.split())
