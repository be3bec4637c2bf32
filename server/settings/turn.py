"""The relay (TURN) for networks that let no UDP through to the media process."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode

from server.settings.paths import FilePath
from server.turn.address import TurnAddress, read_address


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _check_urls(urls: tuple[str, ...]) -> tuple[str, ...]:
    try:
        for url in urls:
            read_address(url)
    except ValueError:
        raise PydanticCustomError("turn-url-malformed", "turn:HOST:3478?transport=udp") from None
    return urls


class TurnSettings(BaseSettings):
    """None unless its addresses and the secret are set."""

    turn_urls: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_check_urls)
    ] = Field(
        (),
        max_length=12,
        description="addresses of the relay (TURN) as browsers write them, comma-separated",
    )
    turn_secret_file: FilePath | None = Field(
        None, validate_default=True, description="file with the relay's static-auth-secret"
    )
    turn_life_s: int = Field(
        7200, ge=300, le=86_400, description="seconds that a name for the relay is good for"
    )

    @field_validator("turn_secret_file")
    @classmethod
    def _check_turn(cls, secret: Path | None, found: ValidationInfo) -> Path | None:
        if (secret is None) == bool(found.data.get("turn_urls")):
            raise PydanticCustomError("turn-half", "addresses and their secret")
        return secret

    @property
    def turn_addresses(self) -> tuple[TurnAddress, ...]:
        """The same addresses, taken apart."""
        return tuple(read_address(url) for url in self.turn_urls)
