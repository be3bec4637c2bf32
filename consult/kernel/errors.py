"""The five roots of every failure that a person or a machine is told about.

A failure carries a stable code and plain data (ids, codes, numbers, dates), never a patient's name.
The sentence for a code is written once per language at the door (server/sentences/).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

Fact = str | int | None


class ConsultError(Exception):
    """A step was refused; `code` says which rule, `facts` fill the sentence."""

    def __init__(self, code: str, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, Fact] = facts


class NotFoundError(ConsultError):
    """The object is not there, or not for this actor: both look the same."""

    def __init__(self, code: str = "not-found", **facts: Fact) -> None:
        super().__init__(code, **facts)


class GoneError(NotFoundError):
    """The object was there, and is not shown any more."""


class ConflictError(ConsultError):
    """The object has moved on, or somebody else was first."""


class ForbiddenError(ConsultError):
    """The actor's role does not include this act."""

    def __init__(self, code: str = "not-allowed", **facts: Fact) -> None:
        super().__init__(code, **facts)


class UnavailableError(ConsultError):
    """Something that the house rests on is away; trying again later may help."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one named field, dotted as in the form."""

    field: str
    code: str
    facts: Mapping[str, Fact] = dataclass_field(default_factory=dict)


class RefusedError(ConsultError):
    """The input breaks a rule; `problems` name the fields where there are any."""

    def __init__(self, code: str, *, field: str | None = None, **facts: Fact) -> None:
        super().__init__(code, **facts)
        self.problems: Sequence[FieldProblem] = (
            () if field is None else (FieldProblem(field, code, facts),)
        )


class FormRefusedError(RefusedError):
    """Several fields of one form are wrong; every problem is named at once."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("form-refused", count=len(problems))
        self.problems = tuple(problems)


class PartlyKeptError(RefusedError):
    """What could be read is kept, as this version; the problems name the rest."""

    def __init__(self, problems: Sequence[FieldProblem], *, version: int) -> None:
        super().__init__("partly-kept", count=len(problems), kept_version=version)
        self.problems = tuple(problems)
