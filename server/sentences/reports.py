"""Sentences of drafts, signing, receipt and decision."""

from server.i18n import N_

SENTENCES = {
    "draft-changed": N_(
        "This draft was saved in another window meanwhile. What you typed here is kept on this "
        "page; copy it before you reload."
    ),
    "small-screen-not-for-this": N_(
        "A report of this kind is not signed on a small screen. Sign it at a computer; your draft "
        "is kept."
    ),
    "draft-missing": N_("Nothing has been written yet."),
    "shown-changed": N_(
        "The content has changed since it was shown. Look at it again, then sign; nothing was lost."
    ),
    "not-report-author": N_(
        "Only the physician who signed this report may amend it; the panel's leader may retract it."
    ),
    "nothing-signed": N_("Nothing has been signed yet."),
    "amendment-changes-nothing": N_("Nothing is different from the signed version."),
    "report-superseded": N_("Version {newest} has arrived meanwhile. Open that one."),
    "report-unreceived": N_("Confirm receipt of version {version} first."),
    "decision-report-retracted": N_(
        "The report was retracted: it can be neither followed nor referred on."
    ),
    "paper-being-made": N_("The PDF is being made."),
    "paper-no-glyph": N_(
        "The PDF cannot be issued: the typeface of this server has no glyph for {characters}."
    ),
    "paper-no-chinese-font": N_(
        "The PDF cannot be issued: no Chinese typeface is installed on this server."
    ),
    "paper-seal-expired": N_(
        "The PDF cannot be issued: the seal of {characters} has expired. Tell the administrator."
    ),
    "paper-seal-not-yet-valid": N_(
        "The PDF cannot be issued: the seal of {characters} is not valid yet. "
        "Tell the administrator."
    ),
    "paper-seal-away": N_(
        "The PDF cannot be issued: the token with the seal of {characters} does not answer. "
        "Tell the administrator."
    ),
    "paper-not-made": N_("The PDF could not be made. Try again."),
    "report-received-already": N_("Receipt of this version is confirmed already."),
    "case-decided-already": N_("The inviting side has decided on this report already."),
    "next-step-needs-reason": N_(
        "The report asks for a referral. Say why the patient is not referred."
    ),
    "decision-needs-reason": N_("Say why the opinion is not followed in full."),
    "phrase-changed": N_("This phrase was changed in another window meanwhile. Reload the page."),
    "too-many-phrases": N_("At most {limit} phrases are kept. Remove one first."),
    "section-contradicts": N_("“No abnormality” cannot stand beside a finding of the same part."),
    "image-unseen": N_("Picture {position} has not been seen in full."),
    "images-none-used": N_("The report must rest on at least one picture."),
    "alert-open": N_(
        "The urgent alert of this case is not confirmed yet. Confirm it first: the case cannot be "
        "closed before."
    ),
    "alert-over": N_("No urgent alert of this case waits for a confirmation any more."),
    "alert-changed": N_("The urgent alert has moved on meanwhile. Reload the page."),
    "receipt-singly": N_("The answer to {number} is received by itself: {why}. Open the case."),
    "receipt-unread": N_("Say that you have read these results."),
    "own-reading-off": N_("No own reading is asked for on cases of this service."),
    "own-reading-untimely": N_("A case is read for oneself once it is sent, and while it goes on."),
    "own-reading-locked": N_("The own reading of this case is locked and stays as it is."),
    "own-reading-nothing-waits": N_("No opinion waits for an own reading here."),
    "own-reading-not-yours": N_(
        "Only the requesting physician of the case writes its own reading."
    ),
}
