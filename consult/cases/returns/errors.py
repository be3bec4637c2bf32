"""What can go wrong when a case is sent back."""

from consult.kernel.errors import RefusedError


class NothingAskedError(RefusedError):
    """A case is sent back for something, or not at all."""

    def __init__(self) -> None:
        super().__init__("return-asks-nothing", field="images")


class AskedTwiceError(RefusedError):
    """The same photograph, answer or thing stands on the list twice."""

    def __init__(self, field: str) -> None:
        super().__init__("return-asks-twice", field=field)
