"""Sentences about booked video consultations, and the windows in which they are offered."""

from server.i18n import N_

SENTENCES = {
    "session-taken": N_("This time is not free any more. Choose another one."),
    "session-changed": N_(
        "This session was moved or has ended meanwhile. Load the page again; nothing was changed."
    ),
    "case-has-session": N_("A session is booked for this case already. Move or cancel that one."),
    "case-without-sessions": N_(
        "No session is booked for this case: it has not been submitted yet, or it has ended."
    ),
    "too-many-sessions": N_("At most {limit} are kept at a time. End one of them first."),
    "not-an-expert": N_("This person is no consultant of your institution today."),
    "not-on-grid": N_("Only steps of {step} minutes are possible."),
}
