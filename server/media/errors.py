"""Why something is not done in a room."""


class RoomRefusal(Exception):  # noqa: N818 - it is the answer to a wish, not a failure
    """A wish that is refused; `code` says why, and the room goes on."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
