"""Sentences of video rooms."""

from server.i18n import N_

SENTENCES = {
    "room-not-open": N_("There is no video call on this case now."),
    "room-case-closed": N_(
        "No video call can be held here: the case has not been submitted yet, or it has ended."
    ),
    "room-crowded": N_("So many have joined this video call that nobody else can."),
    "room-not-admitted": N_("The host of the video call has not let you in yet."),
    "room-nobody-knocked": N_("This person has not asked to join the video call."),
    "room-not-caller": N_(
        "Only the physician who asked for the opinion and the expert who has taken the case can"
        " call, and at its time the two people of a booked session."
    ),
    "room-not-host": N_("Only the host of the video call can do this."),
    "room-not-rung": N_("This call does not ring for you any more. You can ask to be let in."),
    "room-ring-taken": N_("Somebody else has answered this call."),
    "room-rings-spent": N_(
        "This call has rung often enough. Book a session, or write in the discussion of the case."
    ),
    "room-minutes-full": N_("The minutes were written anew too often; write in the discussion."),
    "room-hand-not-raised": N_("This person has not raised a hand, or has lowered it."),
    "room-turns-full": N_(
        "Hands were raised so often in this call that no further one is kept. Write in the call."
    ),
    "opinion-not-participant": N_("Only who was in this video call signs an opinion on it."),
    "opinions-full": N_(
        "So many opinions were signed on this video call that no further one is kept. Write in the"
        " discussion."
    ),
    "opinion-moved": N_(
        "You have just signed another wording, in another window. Load the page again."
    ),
    "rooms-off": N_("Video calls are not turned on in this installation."),
    "rooms-away": N_(
        "The video service is being restarted. Try again in a moment; the case and its record are"
        " not affected."
    ),
    "rooms-full": N_(
        "As many video calls are going on as this server can carry. Try again later, or telephone."
    ),
    "rooms-broken": N_("The video service does not work on this server. Tell its administrator."),
}
