"""The settings of one installation, put together from their subjects."""

import enum
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from server.settings.dicom import DicomSettings
from server.settings.media import MediaSettings
from server.settings.network import NetworkSettings
from server.settings.notices import NoticeSettings
from server.settings.own_address import find_own_address
from server.settings.paths import FilePath
from server.settings.sealing import SealSettings
from server.settings.sign_in import SignInSettings
from server.settings.storage import StorageSettings
from server.settings.turn import TurnSettings

ENV_PREFIX: Final = "LIANZHEN_"


class Role(enum.StrEnum):
    """Which processes one command starts."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    DICOM = "dicom"
    MEDIA = "media"


class Settings(
    SealSettings,
    SignInSettings,
    NetworkSettings,
    DicomSettings,
    MediaSettings,
    TurnSettings,
    StorageSettings,
    NoticeSettings,
):
    """One installation. A name that is not here is refused, wherever it stands."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, extra="forbid", frozen=True, validate_default=True
    )

    config_dir: FilePath = Field(
        Path(__file__).resolve().parents[2] / "config",
        description="folder of forms, rules and roles (default: the ones that came with us)",
    )
    log_format: Literal["json", "text"] = Field("json", description="json or text")
    seed: FilePath | None = Field(None, description="TOML file of a fictional consortium")
    role: Role = Field(Role.ALL, description="all, web, worker, dicom or media")
    workers: int = Field(1, ge=1, description="number of web processes")
    web_spare: bool = Field(
        default=True,
        description="true: a single web process has a second one beside it, loaded and idle, which"
        " takes its place when it dies",
    )
    loop_guard: bool = Field(default=False, description="fail on blocking calls (tests)")

    @field_validator("workers")
    @classmethod
    def _check_workers(cls, workers: int, found: ValidationInfo) -> int:
        if workers > 1 and str(found.data.get("database_url")).startswith("sqlite"):
            raise PydanticCustomError("workers-need-postgresql", "one writer")
        if workers > 1 and found.data.get("redis_url") is None:
            raise PydanticCustomError("workers-need-redis", "no wake-ups")
        if workers > 1 and found.data.get("port") == 0:
            raise PydanticCustomError("workers-need-port", "one port for all")
        return workers

    @property
    def media_addresses(self) -> tuple[str, ...]:
        """Where video listens: as it was set, or found (may ask the system, and never waits)."""
        if self.media_address:
            return self.media_address
        return (find_own_address(self.host, is_behind_proxy=bool(self.trusted_proxy)),)

    def as_environment(self) -> dict[str, str]:
        """The same settings for a child process: a command line would show the password."""
        values = self.model_dump(mode="json", exclude_none=True)
        for listed in ("trusted_proxy", "media_address", "turn_urls", "notice_origins"):
            if listed in values:
                values[listed] = ",".join(values[listed])
        return {ENV_PREFIX + name.upper(): str(value) for name, value in values.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of precedence; there are no other sources."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
