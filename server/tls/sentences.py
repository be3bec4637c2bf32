"""Why a certificate cannot be served or made, as an engineer should read it."""

from collections.abc import Mapping
from typing import Final

from server.i18n import N_

TLS_REFUSALS: Final[Mapping[str, str]] = {
    "tls-certificate-unreadable": N_(
        "The certificate cannot be read: a PEM file is needed, which this account may read."
    ),
    "tls-key-unreadable": N_(
        "The key of the certificate cannot be read: a PEM file without a password is needed."
    ),
    "tls-pair-differs": N_("The key does not belong to the certificate."),
    "tls-expired": N_("The certificate has expired."),
    "tls-not-yet-valid": N_("The certificate does not hold yet; look at this machine's clock."),
    "certificate-name-malformed": N_("This is no host name and no address."),
    "authority-exists": N_(
        "There is an authority already, which computers may trust. Renew: lianzhen cert renew"
    ),
    "authority-missing": N_("There is no authority yet. Make one: lianzhen cert NAME"),
    "authority-too-narrow": N_(
        "The authority may not speak for these names. Move its folder away and make another, "
        "which every computer then has to install."
    ),
}
