"""Sentences about photographs of papers, and the telephone that takes them."""

from server.i18n import N_

SENTENCES = {
    "paper-link-used": N_(
        "Another telephone has scanned this code. Have a new one made on the computer."
    ),
    "paper-link-expired": N_(
        "The time of this code is over. Have a new one made on the computer; what came is kept."
    ),
    "paper-link-ended": N_(
        "This code was ended. Have a new one made on the computer; what came is kept."
    ),
    "paper-telephone-unknown": N_(
        "This telephone has scanned no code that still holds. Scan the one on the computer."
    ),
    "papers-enough": N_(
        "{most} photographs came already. For more, have a new code made on the computer."
    ),
    "paper-not-taken": N_("The case takes no such paper any more."),
    "paper-type": N_("This is no photograph (JPEG or PNG). Take a picture of the paper."),
    "paper-too-large": N_("The photograph is larger than {megabytes} MB. Take it again, smaller."),
    "file-paper-not-taken": N_("The case takes no such paper any more."),
    "file-paper-no-picture": N_(
        "This is no photograph (JPEG or PNG). Take a picture of the paper."
    ),
    "file-paper-other-patient": N_(
        "This very picture lies with another patient. Take a new one of this patient's paper."
    ),
}
