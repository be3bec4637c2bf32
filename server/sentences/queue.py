"""Sentences of the experts' list."""

from server.i18n import N_

SENTENCES = {
    "case-taken": N_("{by} took this case at {at}."),
    "case-not-yours": N_(
        "You do not hold this case now. Your draft is kept; take the case again to go on."
    ),
    "case-already-read": N_(
        "You have read this case already. It waits for another physician of the panel."
    ),
    "not-arbiter": N_(
        "Two readings of this case differ. The leader of the panel or a reviewer settles it."
    ),
    "not-reviewer": N_(
        "This report is reviewed by the leader of the panel or a reviewer before it is released."
    ),
    "on-leave": N_("You are on leave until {until}. Take the leave back to take cases."),
    "expert-not-able": N_("This expert is on leave, has no valid licence or has read the case."),
    "case-not-waiting": N_("This case does not wait any more. Nothing was changed."),
    "not-roster-keeper": N_(
        "The roster is kept by the panel's leader, a coordinator there, or the administrator."
    ),
    "roster-full": N_("At most {limit} such days are kept at a time. Take one back first."),
    "not-on-panel": N_("This case was sent to another panel."),
    "not-panel-leader": N_("Only the leader of the panel decides this."),
    "case-kept": N_(
        "This case came back for {by}, who had asked for more, and is kept for her until {until}."
    ),
    "same-panel": N_("The case stands before this panel already. Choose another one."),
    "panel-not-agreed": N_(
        "No agreement lets the cases of this institution go to that panel today."
    ),
    "panel-unled": N_("That panel has no leader now, so nobody would answer for the case."),
    "row-full": N_("You hold {limit} cases. Sign or put back some of them first."),
    "not-taken-at-once": N_("Cases of this kind are not taken in this number at once."),
}
