"""The names of a report's fields, and the words of codes, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from server.i18n import ENGLISH, N_
from server.keys import LANGUAGES, RULES
from server.requests import Audience, language

_EYES = ("right", "left")
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "eye_status": N_("Eye"),
        "quality": N_("Image quality"),
        "causes": N_("Cause"),
        "icdr": N_("DR grade"),
        "dme": N_("Macular oedema (DME)"),
        "findings": N_("Image findings"),
        "lesions": N_("Lesions"),
        "nhs_r": N_("NHS R grade"),
        "nhs_m": N_("NHS M grade"),
        "grade_reason": N_("Why another grade than computed"),
        "sections": N_("Sections"),
        "waiver": N_("Why no retake is needed"),
        "diagnoses": N_("Diagnoses (ICD-10)"),
        "impression": N_("Impression"),
        "answer": N_("Answer to the question"),
        "advice": N_("Recommendation"),
        "referral_need": N_("Need for referral"),
        "referral_urgency": N_("Urgency of referral"),
        "interval_months": N_("Re-examine in (months)"),
        "override_reason": N_("Why below the rule"),
        "limits": N_("Limits"),
        "images": N_("Photographs"),
        "materials": N_("Rests on"),
        "marks": N_("Marks on the pictures"),
        "key_images": N_("Key images"),
        "amendment_reason": N_("Why it is amended"),
        "patient": N_("Patient"),
    }
)


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one reader."""

    request: Audience

    @property
    def tongue(self) -> str:
        """Her language."""
        return language(self.request)

    def say(self, message: str) -> str:
        """A sentence of the catalogue."""
        return self.request.app[LANGUAGES].text(self.tongue, message)

    def term(self, group: str, code: object) -> str:
        """The words of a code."""
        return self.request.app[RULES].terms.text(self.tongue, group, str(code))

    def codes(self, group: str) -> Sequence[str]:
        """The codes of a group, in their order."""
        return tuple(self.request.app[RULES].terms.groups.get(group, {}))

    def join(self, parts: Sequence[str]) -> str:
        """A list in a sentence."""
        comma = "; " if self.tongue == ENGLISH else "；"
        return comma.join(part for part in parts if part)

    def has_label(self, field: str) -> bool:
        """Whether it is a field of the form."""
        return field in LABELS

    def label(self, field: str) -> str:
        """What a field is called, with its eye where it has one."""
        eye, _, rest = field.partition(".")
        if eye in _EYES and rest.startswith("lesions."):
            lesion = rest.split(".")[1]
            known = self.request.app[RULES].terms.groups["lesion"]
            named = self.term("lesion", lesion) if lesion in known else self.say(LABELS["lesions"])
            return f"{self.term('eye', eye)} {named}"
        if eye in _EYES:
            return f"{self.term('eye', eye)} {self.say(LABELS.get(rest, rest))}"
        return self.say(LABELS.get(eye, field))
