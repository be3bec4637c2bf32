"""Sentences about clinics, slots, referrals and appointments."""

from server.i18n import N_

SENTENCES = {
    "clinic-changed": N_(
        "Somebody changed this clinic meanwhile. Reload the page; nothing was overwritten."
    ),
    "clinic-exists": N_("Your hospital has a clinic of this name already."),
    "slots-overlap": N_("Slots are published at these times already, first on {day} at {at}."),
    "slots-over-session": N_(
        "The physician has a booked video session at these times, first on {day} at {at}."
    ),
    "physician-not-here": N_("This physician is no consultant of the hospital today."),
    "slot-taken": N_("This slot was taken a moment ago. Choose another one."),
    "hold-over": N_(
        "The slot is no longer kept for this patient. Choose a time again; what you typed is kept."
    ),
    "clinic-by-request": N_(
        "This clinic is booked by its referral office. Request a booking instead of a slot."
    ),
    "clinic-not-by-request": N_(
        "This clinic is booked from its slots. Choose a free time on the booking page."
    ),
    "time-is-past": N_("This time is past."),
    "referral-over": N_("This referral has ended. Nothing more is recorded about it."),
    "salvage-missing": N_("No visit of this referral was missed, so nothing is followed up."),
    "salvage-changed": N_(
        "Somebody changed this follow-up meanwhile. Reload the page; nothing was overwritten."
    ),
    "salvage-open": N_(
        "The missed visit is being followed up. This end is recorded there by the inviting side."
    ),
    "risk-not-told": N_("A refusal needs that the patient was told the risk."),
    "tries-too-few": N_(
        "{calls} calls in vain on {days} days so far. A patient counts as lost after at least "
        "{least_calls} calls on {least_days} days."
    ),
    "case-not-bookable": N_(
        "No slot can be kept for this case ({status}). The decision to refer comes first."
    ),
    "day-is-past": N_("This day is past."),
    "day-too-far": N_("Slots are published for at most {limit} days ahead."),
    "times-reversed": N_("The end must lie after the beginning."),
    "too-many-slots": N_("At most {limit} slots at a time. Choose a shorter period."),
    "no-slots-in-this-time": N_("Not one slot fits into this time."),
    "referral-live": N_(
        "{by} of {place} referred this patient to {specialty} on {on} ({number}). "
        "Follow that referral; a second one is not needed."
    ),
    "referral-live.booked": N_(
        "{by} of {place} referred this patient to {specialty} on {on} ({number}); the appointment "
        "is on {booked_on}. Follow that referral; a second one is not needed."
    ),
    "referral-changed": N_(
        "Somebody changed this referral meanwhile. Reload the page; nothing was overwritten."
    ),
    "referral-booked-already": N_(
        "This referral has an appointment meanwhile. Look at it before you choose another time."
    ),
    "appointment-begun": N_(
        "The time of this appointment has passed. Record whether the patient came."
    ),
    "appointment-missing": N_("This referral has no appointment at present."),
    "appointment-not-yet": N_("The appointment is on {day}. This can be recorded from then on."),
    "not-for-referral": N_("The inviting physician's decision is not to refer this patient."),
    "identity-pending": N_(
        "The patient's identity must be settled before a referral: register a document first."
    ),
    "referral-consent-needed": N_("Without the patient's consent there is no referral."),
    "referral-desk-missing": N_(
        "Nobody is at this hospital's referral office today. Call it, or choose another."
    ),
    "clinic-elsewhere": N_("This slot belongs to another hospital than the referral."),
    "clinic-same": N_("The request waits at this clinic. Choose another one."),
    "urgency-not-higher": N_("Choose an urgency above the present one."),
    "referral-end-not-yours": N_("This end is recorded by the other side."),
    "referral-open": N_("A referral is under way. It must end before the case is closed."),
    "case-not-to-close": N_(
        "The case is closed after its follow-up, or where the decision was to close it."
    ),
}
