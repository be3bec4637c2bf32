"""Sentences of consultations by telephone."""

from server.i18n import N_

SENTENCES = {
    "telephone-full": N_(
        "So many telephone calls were written down for this case that no further one is kept. Write"
        " in the discussion."
    ),
    "telephone-one-person": N_(
        "Say with whom you talked: choose the person, or write the name of somebody else."
    ),
    "telephone-not-yet": N_("This time has not come yet."),
    "telephone-too-early": N_("The case had not been submitted then."),
}
