"""What can be wrong with institutions, consortia, panels and agreements."""

from consult.kernel.errors import ConflictError, RefusedError
from consult.people.organisations.model import AgreementField


class AgreementMissingError(RefusedError):
    """No agreement allows this service today; `missing` names what is lacking."""

    def __init__(self, missing: AgreementField) -> None:
        super().__init__(
            "agreement-missing", field="panel_id", missing=f"term:agreement_field.{missing}"
        )
        self.missing = missing


class AgreementClashError(ConflictError):
    """Another agreement of the same two covers one of these services on some of these days."""

    def __init__(self, other_id: str) -> None:
        super().__init__("agreement-clash", other=other_id)


class AgreementSignedError(ConflictError):
    """A signed agreement is not changed; it is ended, and another one is made."""

    def __init__(self) -> None:
        super().__init__("agreement-signed")


class CodeTakenError(ConflictError):
    """Another institution has this code."""

    def __init__(self, code: str) -> None:
        super().__init__("institution-code-taken", institution=code)


class NameTakenError(ConflictError):
    """Another consortium, or another panel of the same institution, has this name."""

    def __init__(self) -> None:
        super().__init__("name-taken")


class StaleError(ConflictError):
    """Somebody else changed this since the page was drawn."""

    def __init__(self) -> None:
        super().__init__("changed-meanwhile")


class NotAMemberError(RefusedError):
    """The institution does not belong to the consortium."""

    def __init__(self, field: str) -> None:
        super().__init__("institution-not-member", field=field)


class NotAffiliatedError(RefusedError):
    """The person does not work as an expert at the panel's institution."""

    def __init__(self, field: str) -> None:
        super().__init__("person-not-expert-there", field=field)


class LeaderStaysError(ConflictError):
    """A panel's leader, or a consortium's lead hospital, is replaced before leaving."""

    def __init__(self) -> None:
        super().__init__("leader-stays")
