"""Sentences about dossiers and originals."""

from typing import Final

from server.i18n import N_

SENTENCES: Final = {
    "dossier-not-submitted": N_("A case that was not submitted has no dossier."),
    "dossier-while-read": N_(
        "The case is still being read. Its dossier can be taken once it is answered."
    ),
    "dossier-too-large": N_("The journal of this case has more than {limit} lines."),
}
