"""What can be wrong with people, licences and affiliations."""

from datetime import date

from consult.kernel.errors import ConflictError, ForbiddenError, RefusedError


class LicenceMissingError(RefusedError):
    """A step that takes a licence, by a person who has none on record."""

    def __init__(self) -> None:
        super().__init__("licence-missing")


class LicenceExpiredError(RefusedError):
    """The licence had run out on the day of the step."""

    def __init__(self, valid_until: date) -> None:
        super().__init__("licence-expired", valid_until=valid_until.isoformat())


class LoginTakenError(ConflictError):
    """Another person signs in with this name."""

    def __init__(self) -> None:
        super().__init__("login-taken")


class AlreadySetUpError(ConflictError):
    """The installation has its first administrator."""

    def __init__(self) -> None:
        super().__init__("already-set-up")


class AlreadyAffiliatedError(ConflictError):
    """The person already works at this institution; that affiliation is stopped first."""

    def __init__(self) -> None:
        super().__init__("already-affiliated")


class AffiliationChangedError(ConflictError):
    """Somebody else stopped or changed the affiliation since the page was drawn."""

    def __init__(self) -> None:
        super().__init__("changed-meanwhile")


class LeadsPanelError(ConflictError):
    """A panel's leader is replaced before leaving the institution."""

    def __init__(self) -> None:
        super().__init__("leader-stays")


class LastAdministratorError(ConflictError):
    """Without this affiliation nobody could arrange the installation."""

    def __init__(self) -> None:
        super().__init__("last-administrator")


class RoleNotYoursError(ForbiddenError):
    """Only an administrator of the installation gives this role, or touches its bearer."""

    def __init__(self) -> None:
        super().__init__("role-not-yours-to-give")


class WorksElsewhereError(ForbiddenError):
    """The person also works outside the consortium: this is for the administrator of all."""

    def __init__(self) -> None:
        super().__init__("person-works-elsewhere")
