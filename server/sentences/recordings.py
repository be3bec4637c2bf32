"""Sentences of recordings."""

from server.i18n import N_

SENTENCES = {
    "recording-refused": N_(
        "This call is not recorded: somebody in it does not want that. She can change her mind"
        " herself."
    ),
    "recording-none": N_("This call is not being recorded."),
    "recording-crowded": N_(
        "It was agreed and refused so often in this call that nothing more is taken."
    ),
}
