"""The parts of a case's page that other subjects make: each adds its line.

A maker runs in the unit of the page, after policy has let the reader see the case; None leaves the
part out. The template of the case includes `cases/_<name>.html`, which finds it in `parts`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from consult.cases.model import Case
from consult.kernel.work import Work
from server.rulebook import Rulebook

PartMaker = Callable[[Work, Case, Rulebook], object | None]

PARTS: Mapping[str, PartMaker] = MappingProxyType({})


def make_parts(work: Work, case: Case, rules: Rulebook) -> Mapping[str, object]:
    """Every part that this case has for this reader."""
    made = {name: make(work, case, rules) for name, make in PARTS.items()}
    return {name: part for name, part in made.items() if part is not None}
