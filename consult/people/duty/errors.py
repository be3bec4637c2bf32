"""What can be wrong with a roster."""

from consult.kernel.errors import ConflictError, ForbiddenError


class NotRosterKeeperError(ForbiddenError):
    """A roster is kept by the panel's leader, a coordinator there or the administrator."""

    def __init__(self) -> None:
        super().__init__("not-roster-keeper")


class RosterFullError(ConflictError):
    """So many days that differ are kept at a time."""

    def __init__(self, limit: int) -> None:
        super().__init__("roster-full", limit=limit)


class PhonesFullError(ConflictError):
    """So many duty telephones are kept for an institution."""

    def __init__(self, limit: int) -> None:
        super().__init__("phones-full", limit=limit)
