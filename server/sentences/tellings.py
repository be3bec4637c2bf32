"""Sentences about telling patients, English as message ids."""

from server.i18n import N_

SENTENCES = {
    "telling-open": N_(
        "The patient of this case was not told yet what was found. Tell the patient first: the "
        "case cannot be closed before."
    ),
    "telling-over": N_("Nobody is to be told anything of this case now."),
    "telling-changed": N_("Somebody was here meanwhile. Reload the page."),
    "telling-unreceived": N_(
        "Confirm receipt of the newest version of the report first, then tell the patient."
    ),
    "telling-singly": N_("The patient of {number} is told singly. Open that line."),
    "telling-risk": N_("Tell the patient what happens without a visit, and say so here."),
    "recall-over": N_("Nobody is waited for after this case now."),
    "recall-changed": N_("Somebody was here meanwhile. Reload the page."),
    "result-notice-unset": N_(
        "The notices could not be set as a PDF. Print the page instead, and tell your technician."
    ),
    "telling-tries": N_(
        "Called in vain {calls} times on {days} days. A patient counts as lost from {least_calls} "
        "calls on {least_days} days."
    ),
}
