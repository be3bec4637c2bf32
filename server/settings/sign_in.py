"""Who vouches for a name at the sign-in: passwords of ours, the hospital's provider, or both."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings

from server.settings.paths import FilePath


def _check_issuer(address: str) -> str:
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme, parts.hostname) == ("http", "127.0.0.1")
    if address and not (is_safe and parts.hostname and not parts.query and not parts.fragment):
        raise PydanticCustomError("issuer-not-https", "https, without a query")
    return address


class SignInSettings(BaseSettings):
    """The ways in."""

    oidc_issuer: Annotated[str, AfterValidator(_check_issuer)] = Field(
        "", description="address of the identity provider (OpenID Connect), if there is one"
    )
    oidc_client_id: str = Field("", description="our name at the identity provider")
    oidc_secret_file: FilePath | None = Field(None, description="file with our secret there")
    oidc_claim: str = Field(
        "preferred_username", min_length=1, description="claim that holds the sign-in name"
    )
    oidc_name: str = Field(
        "OpenID Connect", min_length=1, description="what the sign-in page calls the provider"
    )
    password_sign_in: bool = Field(
        default=True, description="false: only administrators sign in with a password"
    )

    @field_validator("password_sign_in")
    @classmethod
    def _check_doors(cls, is_open: bool, found: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's signature
        if not is_open and not found.data.get("oidc_issuer"):
            raise PydanticCustomError("no-way-in", "a provider or passwords")
        return is_open

    @field_validator("oidc_client_id")
    @classmethod
    def _check_client(cls, client_id: str, found: ValidationInfo) -> str:
        if found.data.get("oidc_issuer") and not client_id:
            raise PydanticCustomError("oidc-client-missing", "our name there")
        return client_id
