"""What the seal on a PDF proves and what not, in one honest sentence (U19)."""

from dataclasses import dataclass

from server.i18n import N_
from server.keys import PDF_SEAL
from server.pdf.seals import SealKind
from server.requests import Audience
from server.views.report_words import Speech

_SENTENCES = {
    SealKind.DEMO: N_(
        "Sealed with a demonstration certificate that this server made for itself: it shows that "
        "nothing was changed, not who signed. Not for clinical use."
    ),
    SealKind.HOSPITAL: N_(
        "Sealed with the certificate of {subject}, issued by {issuer}: it shows that nothing was "
        "changed since. The physician confirmed with her password; this is not a certified "
        "electronic signature of her own."
    ),
}


@dataclass(frozen=True, slots=True)
class SealWords:
    """The seal in the reader's words."""

    is_demo: bool
    sentence: str


def seal_words(reader: Audience) -> SealWords:
    """The seal of this installation."""
    seal = reader.app[PDF_SEAL]
    sentence = Speech(reader).say(_SENTENCES[seal.kind])
    return SealWords(
        is_demo=seal.kind is SealKind.DEMO,
        sentence=sentence.format(subject=seal.subject, issuer=seal.issuer),
    )
