"""Sentences of the discussion on a case."""

from server.i18n import N_

SENTENCES = {
    "discussion-closed": N_(
        "Nothing can be written here: the case has not been submitted yet, or it has ended."
    ),
    "discussion-full": N_("This case has {most} messages; no further one is taken."),
    "message-amended-already": N_(
        "This message was amended already. Load the page again and amend its newest wording."
    ),
    "message-key-used": N_("Another message was sent from this form. Load the page again."),
    "message-answers-nothing": N_("There is no question in this thread that could be answered."),
    "message-no-thread": N_("The message to which this replies is not one of this case."),
    "message-not-yours": N_("Only your own messages can be amended."),
    "message-to-stranger": N_("Somebody who is named here takes no part in this case."),
    "message-picture": N_("This picture is not one of this case."),
}
