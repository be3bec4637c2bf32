"""Fields of the forms about people: sign-in names, passwords, names, codes, time zones."""

import re
from typing import Annotated, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from server.forms import Body, Line, one_line

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,39}")
_CODE: Final = re.compile(r"[a-z][a-z0-9]{1,15}")
_PHONE: Final = re.compile(r"[0-9+() -]{3,40}")
_LICENCE: Final = re.compile(r"[0-9A-Za-z-]{3,40}")
_ZONES: Final = available_timezones()  # read once: it walks a folder


def _check_name(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise PydanticCustomError("field-malformed", "one line")
    return text


def _check_login(text: str) -> str:
    if _LOGIN.fullmatch(text) is None:
        raise PydanticCustomError("login-malformed", "not a sign-in name")
    return text


def _check_code(text: str) -> str:
    if _CODE.fullmatch(text) is None:
        raise PydanticCustomError("institution-code-malformed", "not a code")
    return text


def _check_zone(text: str) -> str:
    if text not in _ZONES:
        raise PydanticCustomError("zone-unknown", "not a time zone")
    return text


def _check_phone(text: str) -> str:
    if _PHONE.fullmatch(text) is None:
        raise PydanticCustomError("phone-malformed", "not a number to call")
    return text


def _check_licence(text: str) -> str:
    if _LICENCE.fullmatch(text) is None:
        raise PydanticCustomError("field-malformed", "not a licence number")
    return text


Password = Annotated[str, StringConstraints(min_length=1, max_length=400)]
"""A password as it was typed: nothing is trimmed, nothing is refused before it is checked."""
OneTimeCode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40),
    AfterValidator(one_line),
]
"""A code of an app or of the paper, as it was typed."""
Name = Annotated[Line, AfterValidator(_check_name)]
Login = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True), AfterValidator(_check_login)
]
Code = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True), AfterValidator(_check_code)
]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_check_zone)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_check_phone)]
LicenceNumber = Annotated[
    str, StringConstraints(strip_whitespace=True), AfterValidator(_check_licence)
]

TermCode = Annotated[str, StringConstraints(min_length=1, max_length=40)]
"""A code of a group in config/terms; the route checks which."""


class NothingBody(Body):
    """The body of an act that needs nothing: an empty object."""


class RevisionBody(Body):
    """The state of the object that the page showed: an act on another state is refused."""

    revision: int = Field(ge=1, le=2**31 - 1, strict=True)
