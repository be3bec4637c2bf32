"""Why somebody is not let in."""

from datetime import timedelta
from math import ceil

from consult.kernel.errors import ConflictError, ForbiddenError, RefusedError

_MINUTE_S = 60


class AccountLockedError(ForbiddenError):
    """Too many wrong tries; the answer is the same for a name that nobody has."""

    def __init__(self, left: timedelta) -> None:
        super().__init__("account-locked", minutes=ceil(left.total_seconds() / _MINUTE_S))


class PlaceLimitedError(ForbiddenError):
    """Too many wrong tries from an address or network, or everywhere at once."""

    def __init__(self, code: str, left: timedelta) -> None:
        super().__init__(code, minutes=ceil(left.total_seconds() / _MINUTE_S))


class SignInRefusedError(RefusedError):
    """Name and password do not belong together; which of them is wrong is not said."""

    def __init__(self) -> None:
        super().__init__("sign-in-refused", field="password")


class UnknownAccountError(ForbiddenError):
    """The provider vouches for a name that nobody has here."""

    def __init__(self) -> None:
        super().__init__("provider-unknown-account")


class PasswordDoorShutError(ForbiddenError):
    """Here only administrators sign in with a password."""

    def __init__(self) -> None:
        super().__init__("password-door-shut")


class WrongPasswordError(RefusedError):
    """The signed-in person typed a wrong password where it is asked again."""

    def __init__(self, field: str = "password") -> None:
        super().__init__("wrong-password", field=field)


class ProofMissingError(ForbiddenError):
    """The provider has not been asked again who is there, or too long ago, or for another act."""

    def __init__(self) -> None:
        super().__init__("provider-proof-missing")


class SignOutKnownError(ConflictError):
    """The provider's logout token was taken before."""

    def __init__(self) -> None:
        super().__init__("provider-sign-out-known")


class WindowOverError(ForbiddenError):
    """There is no signing window, or it is over: the password is asked."""

    def __init__(self) -> None:
        super().__init__("signing-window-over")


class WindowMovedError(ForbiddenError):
    """The signing window was opened at another address."""

    def __init__(self) -> None:
        super().__init__("signing-window-moved")


class NoAffiliationError(ForbiddenError):
    """The person works nowhere today."""

    def __init__(self) -> None:
        super().__init__("no-affiliation")


class AffiliationNotYoursError(RefusedError):
    """The person may not act for this institution today."""

    def __init__(self) -> None:
        super().__init__("affiliation-not-yours", field="affiliation_id")
