"""What a caller is told when the database goes away in the middle of a unit."""

from consult.kernel.errors import UnavailableError


class DatabaseAwayError(UnavailableError):
    """The database cannot be reached; the unit was undone as a whole."""

    def __init__(self) -> None:
        super().__init__("database-away")


class DatabaseUnsureError(UnavailableError):
    """The line was cut during COMMIT: nobody can say whether the unit is durable."""

    def __init__(self) -> None:
        super().__init__("database-unsure")
