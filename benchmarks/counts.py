"""How many of how many, with the interval that so few allow."""

from dataclasses import dataclass, field

_Z = 1.96


@dataclass(slots=True)
class Count:
    """How many of how many."""

    hits: int = 0
    of: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, name: str, *, is_hit: bool) -> None:
        """One more."""
        self.of += 1
        self.hits += is_hit
        if not is_hit:
            self.missed.append(name)

    def __str__(self) -> str:
        low, high = wilson(self.hits, self.of)
        return f"{self.hits}/{self.of} ({low:.0%} to {high:.0%})"


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The score interval of 95 %."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, _Z * _Z
    middle = share + square / (2 * of)
    half = _Z * (share * (1 - share) / of + square / (4 * of * of)) ** 0.5
    scale = 1 + square / of
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
