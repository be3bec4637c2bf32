"""Types of body fields that only JSON's own types fill: no timestamp becomes a date."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, Strict, StringConstraints


def _only_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("not-a-text")  # noqa: TRY004 - pydantic turns a ValueError into a problem
    return value


Day = Annotated[date, BeforeValidator(_only_text)]
Version = Annotated[int, Strict(), Field(ge=1, le=2**31 - 1)]
Yuan = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}(\.[0-9]{1,2})?$")]
