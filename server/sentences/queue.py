"""Sentences of the experts' list."""

from server.i18n import N_

SENTENCES = {
    "case-taken": N_("{by} took this case at {at}."),
    "case-not-yours": N_(
        "You do not hold this case now. Your draft is kept; take the case again to go on."
    ),
    "not-on-panel": N_("This case was sent to another panel."),
    "not-panel-leader": N_("Only the leader of the panel decides this."),
}
