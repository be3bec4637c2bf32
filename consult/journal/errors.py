"""What can be wrong with the chain."""

from consult.kernel.errors import ConflictError


class ChainBrokenError(ConflictError):
    """A line's hash or position does not follow from the line before it."""

    def __init__(self, position: int, kind: str) -> None:
        super().__init__("journal-chain-broken", position=position, kind=kind)
        self.position, self.kind = position, kind
