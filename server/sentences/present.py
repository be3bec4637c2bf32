"""Sentences of who sits at each side of a call."""

from server.i18n import N_

SENTENCES = {
    "present-full": N_("So many people were written down in this call that nobody further is."),
    "present-patient-elsewhere": N_(
        "The patient sits at the side of the clinic that asked; it is said there."
    ),
    "present-patient-twice": N_("The patient has been written down as present."),
}
