"""How an installation is reached: address, TLS, proxies, and what stands before its paths."""

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode

from server.settings.paths import FilePath

_PUBLIC_URL: Final = re.compile(r"https?://[0-9A-Za-z.:\[\]-]+(/[0-9A-Za-z._~/-]*)?")
# RFC 3986 section 2.3: unreserved, so that it is written in one way alone; no segment is `..`
_PREFIX: Final = re.compile(r"(/[0-9A-Za-z][0-9A-Za-z._~-]*)*")


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _check_public_url(url: str) -> str:
    if url and _PUBLIC_URL.fullmatch(url) is None:
        raise PydanticCustomError("public-url-malformed", "https://…")
    return url.rstrip("/")


def _check_prefix(path: str) -> str:
    plain = path.rstrip("/")
    if _PREFIX.fullmatch(plain) is None:
        raise PydanticCustomError("path-prefix-malformed", "/lianzhen")
    return plain


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_split)]


class NetworkSettings(BaseSettings):
    """Where the server listens, and who stands in front of it."""

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes any free one")
    tls: Literal["off", "self-signed"] = Field(
        "off", description="self-signed: a certificate of this installation's own authority"
    )
    tls_cert: FilePath | None = Field(
        None, description="PEM file of the certificate and its chain; read again when it changes"
    )
    tls_key: FilePath | None = Field(
        None, validate_default=True, description="PEM file of the certificate's key"
    )
    plain_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="with TLS: another port that says on plain HTTP what to do",
    )
    path_prefix: Annotated[str, AfterValidator(_check_prefix)] = Field(
        "", description="what stands before every path, such as /lianzhen (default: nothing)"
    )
    public_url: Annotated[str, AfterValidator(_check_public_url)] = Field(
        "", description="address by which patients reach /verify; empty prints no QR code"
    )
    trusted_proxy: Networks = Field(
        (), description="networks whose X-Forwarded-* headers are believed, comma-separated"
    )
    patience_s: float = Field(
        30, gt=0, description="seconds until a request must be there, or an upload go on"
    )

    @field_validator("tls_key")
    @classmethod
    def _check_tls(cls, key: Path | None, found: ValidationInfo) -> Path | None:
        certificate = found.data.get("tls_cert")
        if (certificate is None) != (key is None):
            raise PydanticCustomError("tls-half", "a certificate and its key")
        if key is not None and found.data.get("tls") == "self-signed":
            raise PydanticCustomError("tls-twice", "one or the other")
        return key
