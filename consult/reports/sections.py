"""What is said in a part of a report that only its form knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class SectionSaid:
    """What was said in one section of a form: codes that were ticked, and words."""

    codes: tuple[str, ...]
    text: str

    @property
    def is_empty(self) -> bool:
        """Whether nobody has said anything in it."""
        return not self.codes and not self.text.strip()

    def as_json(self) -> dict[str, object]:
        """The section as it is kept."""
        return {"codes": list(self.codes), "text": self.text}


NO_SECTIONS: Final[Mapping[str, SectionSaid]] = MappingProxyType({})
