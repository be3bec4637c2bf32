"""What a pasted list says of a patient's diabetes, and the first answers that it gives (U15)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


class DiabetesWord(enum.StrEnum):
    """What a cell can say: a type as the forms call it, or only whether there is any."""

    TYPE_1 = "type_1"
    TYPE_2 = "type_2"
    GESTATIONAL = "gestational"
    OTHER = "other"
    UNKNOWN = "unknown"
    PRESENT = "present"
    ABSENT = "absent"


_ONLY_WHETHER: Final = frozenset({DiabetesWord.PRESENT, DiabetesWord.ABSENT})


@dataclass(frozen=True, slots=True)
class ListedHistory:
    """Type of diabetes, and the calendar year of its diagnosis."""

    diabetes: DiabetesWord | None = None
    since_year: int | None = None

    @property
    def contradicts_itself(self) -> bool:
        """Whether a year of diagnosis stands beside the word that there is no diabetes."""
        return self.diabetes is DiabetesWord.ABSENT and self.since_year is not None

    def answers(self, *, year: int) -> Mapping[str, str]:
        """The answers of a draft that is begun in this year.

        An unknown type without a year does not say that there is diabetes: that is asked.
        """
        told = {}
        if self.diabetes is not None and self.diabetes not in _ONLY_WHETHER:
            told["diabetes_type"] = self.diabetes.value
        if self.since_year is not None:
            told["diabetes_years"] = str(max(0, year - self.since_year))
        if self.diabetes is DiabetesWord.ABSENT:
            told["diabetes"] = "no"
        elif self.since_year is not None or self.diabetes not in {None, DiabetesWord.UNKNOWN}:
            told["diabetes"] = "yes"
        return MappingProxyType(told)


NOTHING_TOLD: Final = ListedHistory()
