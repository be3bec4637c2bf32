"""Sentences of recordings."""

from server.i18n import N_

SENTENCES = {
    "recording-refused": N_(
        "This call is not recorded: somebody in it does not want that. She can change her mind"
        " herself."
    ),
    "recording-full": N_(
        "No recording begins: the inviting institution keeps as much as it may. The call goes on;"
        " tell the administrator."
    ),
    "recording-not-joined": N_(
        "This recording cannot be put into one file: a track is damaged, or there are too many."
        " Take single tracks instead."
    ),
    "hold-stands": N_("Your institution holds these recordings back already."),
    "hold-not-yours": N_("Your institution does not hold these recordings back."),
    "recording-no-mixer": N_(
        "This server has no program that mixes recordings. The administrator names one by"
        " recording_mixer."
    ),
    "recording-mixer-busy": N_(
        "Another recording is being mixed. Try again when it is done, or take all tracks as one"
        " file."
    ),
    "recording-not-mixed": N_(
        "This recording cannot be mixed: a track is damaged, or there are none or too many. Take"
        " all tracks as one file, or single tracks."
    ),
    "recording-none": N_("This call is not being recorded."),
    "recording-crowded": N_(
        "It was agreed and refused so often in this call that nothing more is taken."
    ),
}
