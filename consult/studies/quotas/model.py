"""What an institution's images take, and how much they may."""

from dataclasses import dataclass

from consult.kernel.ids import InstitutionId

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Usage:
    """Plain bytes of every part of every image, of files that collide with one, and their count.

    `most_*` is None where there is no bound.
    """

    institution_id: InstitutionId
    size_bytes: int = 0
    instances: int = 0
    most_bytes: int | None = None
    most_instances: int | None = None

    @property
    def percent(self) -> int | None:
        """How much of the tighter bound is used; None without one."""
        shares = [
            used * _WHOLE // most
            for used, most in (
                (self.size_bytes, self.most_bytes),
                (self.instances, self.most_instances),
            )
            if most
        ]
        return max(shares, default=None)

    def is_near(self, percent: int) -> bool:
        """Whether so much is used that somebody should be told."""
        return self.percent is not None and self.percent >= percent

    def has_room_for(self, size_bytes: int) -> bool:
        """Whether one more image of this size would be taken."""
        has_bytes = self.most_bytes is None or self.size_bytes + size_bytes <= self.most_bytes
        return has_bytes and (self.most_instances is None or self.instances < self.most_instances)
