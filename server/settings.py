"""What an installation may choose: flag, then LIANZHEN_* variable, then TOML file, then default."""

import enum
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_PUBLIC_URL: Final = re.compile(r"https?://[0-9A-Za-z.:\[\]-]+(/[0-9A-Za-z._~/-]*)?")
ENV_PREFIX: Final = "LIANZHEN_"
_DATABASES: Final = ("sqlite", "postgres", "postgresql", "postgresql+psycopg")
_BUSES: Final = ("redis", "rediss")
_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-]+)*/?")
_LONGEST_SOCKET_PATH_BYTES: Final = 107  # sun_path of unix(7), without its closing zero


class Role(enum.StrEnum):
    """Which processes one command starts."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One setting that cannot be used, and the code of the reason."""

    setting: str
    code: str


class SettingsRefusedError(Exception):
    """Some settings cannot be used; nothing was started."""

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        super().__init__("settings-refused")
        self.problems = tuple(problems)


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _check_data_dir(folder: Path) -> Path:
    if len(bytes(_worker_socket(folder))) > _LONGEST_SOCKET_PATH_BYTES:
        raise PydanticCustomError("data-dir-too-long", "sockets have short names")
    return folder


def _worker_socket(data_dir: Path) -> Path:
    return data_dir / "run" / "worker.sock"


def _check_database(url: str) -> str:
    if url.partition("://")[0] not in _DATABASES or "://" not in url:
        raise PydanticCustomError("database-unknown", "sqlite or postgresql")
    return url


def _check_blobs(url: str) -> str:
    if _BUCKET.fullmatch(url) is None:
        raise PydanticCustomError("blobs-unknown", "s3 and a bucket")
    return url


def _check_redis(url: str) -> str:
    if url.partition("://")[0] not in _BUSES or "://" not in url:
        raise PydanticCustomError("redis-unknown", "redis or rediss")
    return url


def _check_public_url(url: str) -> str:
    if url and _PUBLIC_URL.fullmatch(url) is None:
        raise PydanticCustomError("public-url-malformed", "https://…")
    return url.rstrip("/")


def _check_issuer(address: str) -> str:
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme, parts.hostname) == ("http", "127.0.0.1")
    if address and not (is_safe and parts.hostname and not parts.query and not parts.fragment):
        raise PydanticCustomError("issuer-not-https", "https, without a query")
    return address


FilePath = Annotated[Path, AfterValidator(_absolute)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """One installation. A name that is not here is refused, wherever it stands."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, extra="forbid", frozen=True, validate_default=True
    )

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes any free one")
    data_dir: Annotated[FilePath, AfterValidator(_check_data_dir)] = Field(
        Path("data"), description="folder of database, images and keys"
    )
    database_url: Annotated[str, AfterValidator(_check_database)] = Field(
        default_factory=lambda found: f"sqlite:///{found['data_dir']}/lianzhen.db",
        description="sqlite:///FILE or postgresql://… (default: SQLite in the data folder)",
        repr=False,  # may hold a password
    )
    redis_url: Annotated[str, AfterValidator(_check_redis)] | None = Field(
        None,
        description="redis://… or rediss://… for wake-ups between web processes; holds no fact",
        repr=False,
    )
    key_file: FilePath = Field(
        default_factory=lambda found: found["data_dir"] / "keys" / "master.key",
        description="file of the master key (default: keys/master.key in the data folder)",
    )
    blob_url: Annotated[str, AfterValidator(_check_blobs)] | None = Field(
        None, description="s3://BUCKET/PREFIX (default: a folder in the data folder)"
    )
    blob_endpoint: str | None = Field(
        None, pattern=r"^https?://[^/]+$", description="address of the S3 service"
    )
    blob_region: str = Field("us-east-1", min_length=1, description="region of the S3 service")
    blob_access_key: str | None = Field(None, description="who writes to the S3 service")
    blob_secret_key: str | None = Field(
        None, validate_default=True, description="and that one's secret", repr=False
    )
    seal_file: FilePath | None = Field(
        None, description="PKCS#12 file of the hospital's seal (default: a demonstration seal)"
    )
    seal_password_file: FilePath | None = Field(
        None, description="file with the password of the seal's file"
    )
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
    public_url: Annotated[str, AfterValidator(_check_public_url)] = Field(
        "", description="address by which patients reach /verify; empty prints no QR code"
    )
    trusted_proxy: Networks = Field(
        (), description="networks whose X-Forwarded-* headers are believed, comma-separated"
    )
    config_dir: FilePath = Field(
        Path(__file__).resolve().parent.parent / "config",
        description="folder of forms, rules and roles (default: the ones that came with us)",
    )
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
    log_format: Literal["json", "text"] = Field("json", description="json or text")
    seed: FilePath | None = Field(None, description="TOML file of a fictional consortium")
    role: Role = Field(Role.ALL, description="all, web or worker")
    workers: int = Field(1, ge=1, description="number of web processes")
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

    @field_validator("blob_secret_key")
    @classmethod
    def _check_blob_keys(cls, secret: str | None, found: ValidationInfo) -> str | None:
        named = (found.data.get("blob_endpoint"), found.data.get("blob_access_key"), secret)
        if found.data.get("blob_url") is not None and not all(named):
            raise PydanticCustomError("blob-keys-missing", "endpoint, access key and secret key")
        return secret

    @field_validator("tls_key")
    @classmethod
    def _check_tls(cls, key: Path | None, found: ValidationInfo) -> Path | None:
        certificate = found.data.get("tls_cert")
        if (certificate is None) != (key is None):
            raise PydanticCustomError("tls-half", "a certificate and its key")
        if key is not None and found.data.get("tls") == "self-signed":
            raise PydanticCustomError("tls-twice", "one or the other")
        return key

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

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is one file."""
        return self.database_url.startswith("sqlite")

    @property
    def blob_dir(self) -> Path:
        """Where encrypted images lie."""
        return self.data_dir / "blobs"

    @property
    def authority_dir(self) -> Path:
        """Where the installation's own authority lies, if it has one."""
        return self.key_file.parent / "tls"

    @property
    def run_dir(self) -> Path:
        """Where sockets lie while the server runs."""
        return self.data_dir / "run"

    @property
    def worker_socket(self) -> Path:
        """Where the jail listens."""
        return _worker_socket(self.data_dir)

    @property
    def typesetter_socket(self) -> Path:
        """Where the jail listens that sets documents."""
        return self.worker_socket.with_name("papers.sock")

    def as_environment(self) -> dict[str, str]:
        """The same settings for a child process: a command line would show the password."""
        values = self.model_dump(mode="json", exclude_none=True)
        values["trusted_proxy"] = ",".join(values["trusted_proxy"])
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


def load_settings(flags: Mapping[str, Any], *, config_file: Path | None = None) -> Settings:
    """The settings of this installation; raises SettingsRefusedError with every problem at once."""
    try:
        if config_file is None:
            return Settings(**flags)
        tomllib.loads(config_file.read_text("utf-8"))
        return _with_file(config_file)(**flags)
    except ValidationError as refused:
        raise SettingsRefusedError(_problems(refused)) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsRefusedError([SettingProblem("config", "file-unreadable")]) from None
    except tomllib.TOMLDecodeError:
        raise SettingsRefusedError([SettingProblem("config", "file-not-toml")]) from None


def _with_file(config_file: Path) -> type[Settings]:
    class FileSettings(Settings):
        """Settings with one TOML file below the environment."""

        model_config = SettingsConfigDict(toml_file=config_file)

    return FileSettings


def _problems(refused: ValidationError) -> list[SettingProblem]:
    """One problem a setting; a default that only waits for another setting is none."""
    return [
        SettingProblem(".".join(str(part) for part in error["loc"][:1]), error["type"])
        for error in refused.errors(include_input=False, include_url=False)
        if error["type"] != "default_factory_not_called"
    ]
