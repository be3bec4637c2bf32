"""What the automatic check says of a photograph: at the first look, when it has come, on its card.

A fault at the first look has the prefix `first-look-`, one that asks for a retake `retake-`, one
that does not `doubt-`.
"""

from server.i18n import N_

SENTENCES = {
    "first-look-field_incomplete": N_(
        "First look: a good part of the field is missing. Take it again while the patient is "
        "still here."
    ),
    "first-look-too_dark": N_(
        "First look: too dark. Take it again while the patient is still here."
    ),
    "first-look-too_bright": N_(
        "First look: too bright. Take it again while the patient is still here."
    ),
    "first-look-blurred": N_("First look: blurred. Take it again while the patient is still here."),
    "first-look-vessels_unseen": N_(
        "First look: the vessels cannot be made out. Take it again while the patient is still here."
    ),
    "first-look-uneven": N_(
        "First look: lit from one side only. Take it again while the patient is still here."
    ),
    "first-look-too_small": N_(
        "First look: the picture has too few pixels. Take it again while the patient is still here."
    ),
    "retake-field_incomplete": N_("A good part of the field is missing: take it again."),
    "retake-too_dark": N_("Too dark: take it again."),
    "retake-too_bright": N_("Too bright: take it again."),
    "retake-blurred": N_("Blurred: take it again."),
    "retake-vessels_unseen": N_("The vessels cannot be made out: take it again."),
    "retake-uneven": N_("Lit from one side only: take it again."),
    "retake-too_small": N_("Too few pixels: take it again."),
    "doubt-field_incomplete": N_("A part of the field is missing."),
    "doubt-too_dark": N_("Rather dark."),
    "doubt-too_bright": N_("Rather bright."),
    "doubt-blurred": N_("Slightly blurred."),
    "doubt-vessels_unseen": N_("The vessels are faint."),
    "doubt-uneven": N_("Unevenly lit."),
    "doubt-too_small": N_("Few pixels."),
    "quality-not-doubted": N_("Nothing speaks against this photograph: there is nothing to keep."),
}
