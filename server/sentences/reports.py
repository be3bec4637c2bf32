"""Sentences of drafts, signing, receipt and decision."""

from server.i18n import N_

SENTENCES = {
    "draft-changed": N_(
        "This draft was saved in another window meanwhile. What you typed here is kept on this "
        "page; copy it before you reload."
    ),
    "draft-missing": N_("Nothing has been written yet."),
    "shown-changed": N_(
        "The content has changed since it was shown. Look at it again, then sign; nothing was lost."
    ),
    "report-received-already": N_("Receipt of this version is confirmed already."),
    "case-decided-already": N_("The inviting side has decided on this report already."),
    "decision-needs-reason": N_("Say why the opinion is not followed in full."),
    "image-unseen": N_("Picture {position} has not been seen in full."),
    "images-none-used": N_("The report must rest on at least one picture."),
}
