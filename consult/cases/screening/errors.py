"""What can go wrong with the list of a day."""

from consult.kernel.errors import ConflictError, RefusedError


class ListUnreadableError(RefusedError):
    """The whole list cannot be taken: no heading, too long, another encoding."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code, field="text", **facts)


class ListChangedError(ConflictError):
    """Other lines are in order now than when the list was checked."""

    def __init__(self) -> None:
        super().__init__("list-changed")


class DayFullError(RefusedError):
    """More patients than one day's list holds."""

    def __init__(self, limit: int) -> None:
        super().__init__("list-day-full", field="text", limit=limit)


class NotListedError(ConflictError):
    """The patient does not stand on today's list."""

    def __init__(self) -> None:
        super().__init__("screening-not-listed")


class BegunAlreadyError(ConflictError):
    """A case was begun for the patient, so that she stays on the list."""

    def __init__(self) -> None:
        super().__init__("screening-begun")


class ScanUnclearError(RefusedError):
    """What was scanned or typed means nobody, or several people."""

    def __init__(self, code: str) -> None:
        super().__init__(code, field="q")
