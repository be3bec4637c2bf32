"""What is said where the hospital's seal cannot be used."""

from typing import Final

from server.i18n import N_

AWAY: Final = "seal-token-away"
WRONG_PIN: Final = "seal-token-pin"
PIN_OPEN: Final = "seal-token-pin-open"
NOT_FITTING: Final = "seal-token-not-fitting"
NO_MODULE: Final = "seal-token-module"
SEAL_REFUSALS: Final = {
    "seal-file-unusable": N_(
        "The file of the hospital's seal cannot be read, or its password is another."
    ),
    AWAY: N_("The token of the hospital's seal is not there, or does not answer."),
    WRONG_PIN: N_(
        "The token of the hospital's seal does not take this PIN. It is not tried again until the "
        "file with the PIN is written anew, since a few tries lock the token."
    ),
    PIN_OPEN: N_(
        "The file with the PIN of the hospital's seal cannot be read, or others can read it too: "
        "give it mode 0600."
    ),
    NOT_FITTING: N_(
        "Key and certificate of the hospital's seal are not in the token under this label, or do "
        "not belong together."
    ),
    NO_MODULE: N_("The PKCS#11 library of the hospital's seal cannot be loaded."),
}
