"""With what a hospital seals its PDFs: a PKCS#12 file, or a token behind PKCS#11."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings

from server.settings.paths import FilePath

_TOKEN: Final = ("seal_token_label", "seal_token_key", "seal_pin_file")


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where a token is and what it is called; without `certificate`, a PEM file, it has its own."""

    module: Path
    label: str
    key: str
    pin_file: Path
    certificate: Path | None


class SealSettings(BaseSettings):
    """The hospital's own seal; without one PDFs bear a demonstration seal."""

    seal_file: FilePath | None = Field(
        None, description="PKCS#12 file of the hospital's seal (default: a demonstration seal)"
    )
    seal_password_file: FilePath | None = Field(
        None, description="file with the password of the seal's file"
    )
    seal_token_label: str | None = Field(
        None, min_length=1, description="label of the token (PKCS#11) that holds the seal"
    )
    seal_token_key: str | None = Field(
        None, min_length=1, description="label of the seal's key, and of its certificate, in it"
    )
    seal_pin_file: FilePath | None = Field(
        None, description="file with the token's PIN, readable by this user alone"
    )
    seal_certificate: FilePath | None = Field(
        None, description="PEM file of the seal's certificate and chain (default: in the token)"
    )
    seal_token_module: FilePath | None = Field(
        None, validate_default=True, description="PKCS#11 library of the token's maker"
    )

    @field_validator("seal_token_module")
    @classmethod
    def _check_token(cls, module: Path | None, found: ValidationInfo) -> Path | None:
        named = [module, *(found.data.get(name) for name in _TOKEN)]
        if any(each is not None for each in named):
            if not all(each is not None for each in named):
                raise PydanticCustomError("seal-token-half", "library, label, key and PIN file")
            if found.data.get("seal_file") is not None:
                raise PydanticCustomError("seal-twice", "one seal")
        return module

    @property
    def seal_token(self) -> TokenPlace | None:
        """The token that holds the seal, where one does."""
        if not (
            self.seal_token_module
            and self.seal_token_label
            and self.seal_token_key
            and self.seal_pin_file
        ):
            return None
        return TokenPlace(
            module=self.seal_token_module,
            label=self.seal_token_label,
            key=self.seal_token_key,
            pin_file=self.seal_pin_file,
            certificate=self.seal_certificate,
        )
