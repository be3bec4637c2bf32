"""Why a code was not taken."""

from consult.kernel.errors import ConflictError, ForbiddenError, RefusedError


class SecondFactorNeededError(RefusedError):
    """The password was right, and this account also asks for a code."""

    def __init__(self) -> None:
        super().__init__("code-needed", field="code")


class WrongCodeError(RefusedError):
    """The code is wrong, too old, or was used before; which of them is not said."""

    def __init__(self) -> None:
        super().__init__("code-wrong", field="code")


class SetupOverError(ConflictError):
    """The secret was shown too long ago, or no set-up was begun."""

    def __init__(self) -> None:
        super().__init__("second-factor-setup-over")


class SecondFactorMissingError(ConflictError):
    """There is none that could be changed."""

    def __init__(self) -> None:
        super().__init__("second-factor-missing")


class SecondFactorRequiredError(ForbiddenError):
    """The person's role must keep one."""

    def __init__(self) -> None:
        super().__init__("second-factor-required")
