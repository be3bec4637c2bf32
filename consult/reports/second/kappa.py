"""Cohen's kappa of two readers, plain and weighted, with its interval (Q-10)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

Weight = Callable[[int, int], float]
GRADES: Final = 5
_Z95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Kappa:
    """How far two readers agree beyond chance; without a value where chance alone explains all.

    `low` and `high` are the ends of the 95 % interval by the large-sample error of Fleiss, Cohen
    and Everitt (1969), cut to the range of kappa.
    """

    eyes: int
    observed: float
    value: float | None
    low: float | None
    high: float | None


def same(one: int, other: int) -> float:
    """The weight of plain kappa: the same grade or not."""
    return 1.0 if one == other else 0.0


def quadratic(one: int, other: int) -> float:
    """The weight of an ordered scale: what lies two steps apart counts four times as much."""
    return 1.0 - ((one - other) / (GRADES - 1)) ** 2


def kappa_of(pairs: Sequence[tuple[int, int]], *, weight: Weight = same) -> Kappa | None:
    """Kappa over pairs of grades from 0 to 4; None where there is no pair."""
    count = len(pairs)
    if count == 0:
        return None
    cells = [[0.0] * GRADES for _ in range(GRADES)]
    for one, other in pairs:
        cells[one][other] += 1 / count
    rows = [sum(row) for row in cells]
    columns = [sum(row[at] for row in cells) for at in range(GRADES)]
    places = [(i, j) for i in range(GRADES) for j in range(GRADES)]
    observed = sum(cells[i][j] * weight(i, j) for i, j in places)
    chance = sum(rows[i] * columns[j] * weight(i, j) for i, j in places)
    if chance >= 1.0 - 1e-12:
        return Kappa(count, observed, None, None, None)
    value = (observed - chance) / (1 - chance)
    row_means = [sum(columns[j] * weight(i, j) for j in range(GRADES)) for i in range(GRADES)]
    column_means = [sum(rows[i] * weight(i, j) for i in range(GRADES)) for j in range(GRADES)]
    spread = sum(
        cells[i][j] * (weight(i, j) - (row_means[i] + column_means[j]) * (1 - value)) ** 2
        for i, j in places
    )
    variance = (spread - (value - chance * (1 - value)) ** 2) / (count * (1 - chance) ** 2)
    error = _Z95 * sqrt(max(variance, 0.0))
    return Kappa(count, observed, value, max(value - error, -1.0), min(value + error, 1.0))
