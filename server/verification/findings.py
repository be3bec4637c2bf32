"""What a verification found: how much was looked at, and the first fault of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from consult.kernel.faults import Fault


@dataclass(slots=True)
class Findings:
    """Counts of what was checked, and for each kind of fault the first place and how many."""

    checked: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether everything is as it was written."""
        return not self.faults

    def add(self, fault: Fault) -> None:
        """Count a fault; the first place of its kind is kept."""
        self.first.setdefault(fault.kind, fault.place)
        self.faults[fault.kind] = self.faults.get(fault.kind, 0) + 1

    def count(self, what: str) -> None:
        """One more was looked at."""
        self.checked[what] = self.checked.get(what, 0) + 1

    def as_json(self) -> Mapping[str, object]:
        """The same for machines."""
        return {
            "clean": self.is_clean,
            "checked": self.checked,
            "notes": self.notes,
            "faults": [
                {"kind": kind, "first": self.first[kind], "count": count}
                for kind, count in self.faults.items()
            ],
        }
