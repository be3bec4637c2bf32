"""What one expert reads and does, and whether that is what a case needs: pure (ID-06)."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from consult.kernel.ids import PractitionerId


class Facet(enum.StrEnum):
    """The kinds of things that are said of an expert."""

    FIELD = "field"
    SERVICE = "service"
    CAPABILITY = "capability"


@dataclass(frozen=True, slots=True)
class Expertise:
    """The fields, services, devices and treatments of an expert; an empty kind says nothing."""

    fields: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    capabilities: frozenset[str] = frozenset()

    @property
    def is_stated(self) -> bool:
        """Whether anything is said."""
        return bool(self.fields or self.services or self.capabilities)

    def of(self, facet: Facet) -> frozenset[str]:
        """The codes of one kind."""
        found = {
            Facet.FIELD: self.fields,
            Facet.SERVICE: self.services,
            Facet.CAPABILITY: self.capabilities,
        }
        return found[facet]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of one expert; an empty part asks for nothing."""

    field: str = ""
    service: str = ""
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expert:
    """A member of a panel, whether she is on duty now, and what is said of her."""

    practitioner_id: PractitionerId
    on_duty: bool
    expertise: Expertise

    def can(self, wanted: Wanted) -> bool | None:
        """Whether she can do all of it; None where it is not said, or nothing is asked for."""
        known = self.expertise
        said = [
            _holds(known.fields, {wanted.field} - {""}),
            _holds(known.capabilities, wanted.capabilities),
        ]
        reads = not known.services or not wanted.service or wanted.service in known.services
        if not reads or False in said:
            return False
        asks = bool(wanted.field or wanted.capabilities)
        return None if None in said or not asks else True


class Fit(enum.IntEnum):
    """How a panel's experts stand to a case; 0 is best."""

    ON_DUTY = 0
    UNKNOWN = 1
    NOBODY = 2


def fit_of(experts: Sequence[Expert], wanted: Wanted) -> Fit:
    """Somebody on duty who can, nobody who can at all, or neither is known."""
    told = [(each.on_duty, each.can(wanted)) for each in experts]
    if any(on_duty and can for on_duty, can in told):
        return Fit.ON_DUTY
    if told and all(can is False for _on_duty, can in told):
        return Fit.NOBODY
    return Fit.UNKNOWN


def _holds(known: Collection[str], asked: Collection[str]) -> bool | None:
    """Whether all that is asked stands there; None where something is asked and nothing stands."""
    if not asked:
        return True
    return set(asked) <= set(known) if known else None
