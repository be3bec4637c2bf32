"""What can go wrong with a referral, apart from a step that its table does not have (model.py)."""

from consult.kernel.errors import ConflictError, RefusedError
from consult.kernel.ids import AppointmentId, CaseId, ClinicId, PatientId, ReferralId
from consult.referrals.records import Tracked
from consult.referrals.rules import SalvageRules


class ReferralLiveError(ConflictError):
    """The patient is referred already; says who asked for what, when, and what is booked."""

    def __init__(self, told: Tracked) -> None:
        super().__init__(
            "referral-live",
            action="requested" if told.booked_on is None else "booked",
            number=told.number,
            by=told.requested_by.name,
            by_en=told.requested_by.name_en,
            place=told.inviting.name,
            place_en=told.inviting.name_en,
            specialty=told.specialty,
            specialty_en=told.specialty_en,
            on=told.requested_on.isoformat(),
            booked_on=None if told.booked_on is None else told.booked_on.isoformat(),
            live_case_id=told.case_id,
        )
        self.told = told


class ReferralChangedError(ConflictError):
    """Somebody else moved the referral since the page was drawn."""

    def __init__(self, referral_id: ReferralId) -> None:
        super().__init__("referral-changed", referral_id=referral_id)
        self.referral_id = referral_id


class ReferralBookedError(ConflictError):
    """The referral has an appointment at another time; this step was not asked to replace it."""

    def __init__(self, referral_id: ReferralId) -> None:
        super().__init__("referral-booked-already", referral_id=referral_id)
        self.referral_id = referral_id


class AppointmentBegunError(ConflictError):
    """The time of the appointment has passed: it was kept or missed, and is not moved."""

    def __init__(self, appointment_id: AppointmentId) -> None:
        super().__init__("appointment-begun", appointment_id=appointment_id)
        self.appointment_id = appointment_id


class AppointmentMissingError(ConflictError):
    """The referral has no appointment for this step."""

    def __init__(self, referral_id: ReferralId) -> None:
        super().__init__("appointment-missing", referral_id=referral_id)
        self.referral_id = referral_id


class AppointmentNotYetError(ConflictError):
    """The step belongs to the day of the appointment or later."""

    def __init__(self, appointment_id: AppointmentId, day: str) -> None:
        super().__init__("appointment-not-yet", appointment_id=appointment_id, day=day)
        self.appointment_id = appointment_id


class NotForReferralError(ConflictError):
    """The inviting physician did not decide to refer this patient."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("not-for-referral", case_id=case_id)
        self.case_id = case_id


class IdentityPendingError(RefusedError):
    """Without a settled identity nobody is referred (U26)."""

    def __init__(self, patient_id: PatientId) -> None:
        super().__init__("identity-pending", field="patient", patient_id=patient_id)
        self.patient_id = patient_id


class ReferralConsentNeededError(RefusedError):
    """The patient has not agreed to the referral (REF-01)."""

    def __init__(self) -> None:
        super().__init__("referral-consent-needed", field="consent")


class DeskMissingError(ConflictError):
    """The hospital has nobody at its referral office today, so nobody would be accountable."""

    def __init__(self) -> None:
        super().__init__("referral-desk-missing")


class ClinicElsewhereError(RefusedError):
    """The slot belongs to another hospital than the one the patient is referred to."""

    def __init__(self) -> None:
        super().__init__("clinic-elsewhere", field="slot_id")


class ClinicSameError(RefusedError):
    """The request waits at this very clinic."""

    def __init__(self) -> None:
        super().__init__("clinic-same", field="clinic_id")


class UrgencyNotHigherError(RefusedError):
    """A request is made more urgent by its office, never less."""

    def __init__(self) -> None:
        super().__init__("urgency-not-higher", field="urgency")


class EndNotYoursError(RefusedError):
    """Another side says this end."""

    def __init__(self) -> None:
        super().__init__("referral-end-not-yours", field="how")


class ReferralOverError(ConflictError):
    """The referral has ended: nothing more is written down about it."""

    def __init__(self, referral_id: ReferralId) -> None:
        super().__init__("referral-over", referral_id=referral_id)
        self.referral_id = referral_id


class ClinicNotByRequestError(ConflictError):
    """The clinic is booked from our pool: nothing is asked of its desk, or written back."""

    def __init__(self, clinic_id: ClinicId) -> None:
        super().__init__("clinic-not-by-request", clinic_id=clinic_id)
        self.clinic_id = clinic_id


class SalvageMissingError(ConflictError):
    """No visit of this referral was missed, so nothing is followed up."""

    def __init__(self, referral_id: ReferralId) -> None:
        super().__init__("salvage-missing", referral_id=referral_id)
        self.referral_id = referral_id


class SalvageChangedError(ConflictError):
    """Somebody else has the follow-up meanwhile, or it is done."""

    def __init__(self, referral_id: ReferralId) -> None:
        super().__init__("salvage-changed", referral_id=referral_id)
        self.referral_id = referral_id


class SalvageOpenError(ConflictError):
    """The end is one of the open follow-up's: with the risk told, or after enough calls."""

    def __init__(self, referral_id: ReferralId) -> None:
        super().__init__("salvage-open", referral_id=referral_id)
        self.referral_id = referral_id


class RiskNotToldError(RefusedError):
    """A patient who refuses was not told what she risks."""

    def __init__(self) -> None:
        super().__init__("risk-not-told", field="risk_told")


class TriesTooFewError(RefusedError):
    """A patient counts as lost only after the calls and days of the rules."""

    def __init__(self, calls: int, *, days: int, rules: SalvageRules) -> None:
        super().__init__(
            "tries-too-few",
            field="outcome",
            calls=calls,
            days=days,
            least_calls=rules.least_calls,
            least_days=rules.least_days,
        )
        self.calls, self.days = calls, days


class LoopOpenError(ConflictError):
    """A referral of the case is still under way (REF-12)."""

    def __init__(self, case_id: CaseId, referral_id: ReferralId) -> None:
        super().__init__("referral-open", case_id=case_id, referral_id=referral_id)
        self.case_id, self.referral_id = case_id, referral_id


class CloseNeedsDecisionError(ConflictError):
    """A case is closed after its follow-up, or where that was the decision."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("case-not-to-close", case_id=case_id)
        self.case_id = case_id
