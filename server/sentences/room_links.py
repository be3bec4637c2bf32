"""Sentences of links into video rooms, also for people who have no account."""

from server.i18n import N_

SENTENCES = {
    "link-used": N_(
        "This link has been used on another device. Ask whoever invited you for a new one."
    ),
    "link-expired": N_("This link was good for a short time only. Ask for a new one."),
    "link-revoked": N_("This link was taken back. Ask whoever invited you for a new one."),
    "link-over": N_("The call to which this link belongs has ended."),
    "link-early": N_("The consultation begins later. Open the link again shortly before it."),
    "link-waiting": N_("The doctor has not opened the consultation yet. Try again in a moment."),
    "link-moved": N_("The consultation was moved or cancelled. Ask whoever invited you."),
    "link-limited": N_("Too many links were tried from here. Try again in {minutes} min."),
    "guest-unknown": N_("This browser has no way into a call. Open the link that you were given."),
    "guest-identity-needed": N_("Say first who you are."),
    "guest-asked-twice": N_("This was sent twice at once. Look at the page and send it again."),
    "guest-not-matched": N_(
        "Name and last four do not agree with what the clinic has. Tries left: {left}"
    ),
    "room-not-inviter": N_("Only the host of the call, or whoever may call on this case, invites."),
}
