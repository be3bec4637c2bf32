"""The video rooms: whether their process runs, and how browsers reach it."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode

_LEAST_PORTS: Final = 16
_MOST_PROCESSES: Final = 64


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _check_addresses(addresses: tuple[str, ...]) -> tuple[str, ...]:
    if not addresses:
        raise PydanticCustomError("media-address-missing", "one at least")
    return tuple(_check_address(each) for each in addresses)


def _check_address(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        raise PydanticCustomError("media-address-malformed", "an IP address") from None
    if found.is_unspecified or found.is_multicast:
        raise PydanticCustomError("media-address-malformed", "one machine's address")
    return str(found)


def _check_public(address: str) -> str:
    return _check_address(address) if address else ""


def _check_ports(text: str) -> str:
    first, last = (int(part) for part in text.split("-"))
    if not (first >= 1024 and first + _LEAST_PORTS <= last + 1 <= 65536):  # noqa: PLR2004 - ports
        raise PydanticCustomError("media-ports-malformed", "42000-42999")
    return text


def _range_of(ports: str) -> range:
    first, last = (int(part) for part in ports.split("-"))
    return range(first, last + 1)


class MediaSettings(BaseSettings):
    """Off until the pages of the rooms exist."""

    media: bool = Field(
        default=False, description="true: run the process of video rooms (they have no pages yet)"
    )
    media_address: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_check_addresses)
    ] = Field(
        ("127.0.0.1",), description="addresses of ours that video uses (UDP), comma-separated"
    )
    media_ports: Annotated[str, AfterValidator(_check_ports)] = Field(
        "42000-42999",
        pattern=r"^[0-9]{1,5}-[0-9]{1,5}$",
        description="UDP ports of video, first and last",
    )
    media_processes: int = Field(
        1,
        ge=1,
        le=_MOST_PROCESSES,
        description="processes of video rooms, one a core; they share media_ports evenly",
    )
    media_rooms: int = Field(
        40,
        ge=1,
        le=1000,
        description="video rooms of two that one process carries; larger rooms count for more,"
        " and what is beyond is refused",
    )
    media_path: Literal["c3", "c1"] = Field(
        "c3", description="c3: packets pass by the short way; c1: by the library's own, slower"
    )
    media_janus: Path | None = Field(
        None,
        description="Unix socket of a Janus (ws_unix) that carries video instead of us; it has no"
        " recording (default: none)",
    )
    recording_mixer: Path | None = Field(
        None,
        description="path of an ffmpeg of your own that mixes recordings into one picture and"
        " one sound for whoever takes one out (default: none)",
    )
    media_public_address: Annotated[str, AfterValidator(_check_public)] = Field(
        "",
        validate_default=True,
        description="address by which browsers reach video through 1:1 NAT (default: none)",
    )

    @field_validator("media_public_address")
    @classmethod
    def _check_nat(cls, address: str, found: ValidationInfo) -> str:
        if address and len(found.data.get("media_address", ())) != 1:
            raise PydanticCustomError("media-public-ambiguous", "one address behind it")
        return address

    @field_validator("media_processes")
    @classmethod
    def _check_shares(cls, processes: int, found: ValidationInfo) -> int:
        ports = str(found.data.get("media_ports", ""))
        if ports and len(_range_of(ports)) < processes * _LEAST_PORTS:
            raise PydanticCustomError("media-ports-few", "16 a process")
        return processes

    @property
    def media_port_range(self) -> range:
        """The ports as numbers."""
        return _range_of(self.media_ports)

    def media_ports_of(self, number: int) -> range:
        """The share of the ports that this process has, counted from 1."""
        ports, count = self.media_port_range, self.media_processes
        return ports[(number - 1) * len(ports) // count : number * len(ports) // count]
