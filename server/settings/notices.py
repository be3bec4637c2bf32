"""The mail server by which notices go, and further servers that robots may stand at."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode

from server.settings.paths import FilePath

_FROM: Final = r"^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253})?$"


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _check_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    for each in origins:
        parts = urlsplit(each)
        if parts.scheme not in {"http", "https"} or f"{parts.scheme}://{parts.netloc}" != each:
            raise PydanticCustomError("notice-origin-malformed", "https://host:port")
    return origins


class NoticeSettings(BaseSettings):
    """Without a mail server no notice goes by e-mail."""

    mail_host: str = Field("", description="mail server (SMTP) by which notices go (default: none)")
    mail_port: int = Field(587, ge=1, le=65535, description="port of the mail server")
    mail_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls (from the first byte), or none (not encrypted)"
    )
    mail_ca: FilePath | None = Field(
        None, description="PEM file of the authority of the mail server (default: the system's)"
    )
    mail_user: str = Field("", description="our name at the mail server (default: no sign-in)")
    mail_password_file: FilePath | None = Field(
        None, description="file with our password at the mail server"
    )
    mail_from: str = Field(
        "", pattern=_FROM, validate_default=True, description="address that notices come from"
    )
    notice_origins: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_check_origins)
    ] = Field(
        (),
        description="further servers that people's robots may stand at, as https://host:port,"
        " comma-separated",
    )

    @field_validator("mail_from")
    @classmethod
    def _check_from(cls, sender: str, found: ValidationInfo) -> str:
        if found.data.get("mail_host") and not sender:
            raise PydanticCustomError("mail-from-missing", "an address")
        if found.data.get("mail_user") and (
            found.data.get("mail_password_file") is None
            or found.data.get("mail_security") == "none"
        ):
            raise PydanticCustomError("mail-sign-in-half", "a password file, and TLS")
        return sender
