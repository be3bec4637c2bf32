"""Sentences of notices outside the page."""

from server.i18n import N_

SENTENCES = {
    "notice-digests-many": N_("Name at most four times."),
    "notice-mail-malformed": N_("This is no e-mail address."),
    "notice-robot-address": N_(
        "Paste the robot's own address (https), as its group shows it. Other servers are not"
        " reached from here."
    ),
    "notice-time-malformed": N_("A time of day, like 21:30."),
    "notice-ways-full": N_("There are {most} ways already. Remove one first."),
}
