"""Where an installation keeps what it knows: folder, database, bus, images and keys."""

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings

from server.settings.paths import FilePath

_DATABASES: Final = ("sqlite", "postgres", "postgresql", "postgresql+psycopg")
_BUSES: Final = ("redis", "rediss")
_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-]+)*/?")
_LONGEST_SOCKET_PATH_BYTES: Final = 107  # sun_path of unix(7), without its closing zero


def _worker_socket(data_dir: Path) -> Path:
    return data_dir / "run" / "worker.sock"


def _check_data_dir(folder: Path) -> Path:
    if len(bytes(_worker_socket(folder))) > _LONGEST_SOCKET_PATH_BYTES:
        raise PydanticCustomError("data-dir-too-long", "sockets have short names")
    return folder


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


class StorageSettings(BaseSettings):
    """What is kept, and with which keys."""

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

    cold_dir: FilePath | None = Field(
        None, description="folder on a larger, slower disk, to which old images are moved"
    )
    cold_url: Annotated[str, AfterValidator(_check_blobs)] | None = Field(
        None,
        validate_default=True,
        description="the same as s3://BUCKET/PREFIX of the S3 service",
    )

    @field_validator("cold_url")
    @classmethod
    def _check_cold(cls, url: str | None, found: ValidationInfo) -> str | None:
        if url is None:
            return None
        if found.data.get("cold_dir") is not None:
            raise PydanticCustomError("cold-twice", "one colder store")
        named = (found.data.get(key) for key in ("blob_endpoint", "blob_access_key"))
        if not all((*named, found.data.get("blob_secret_key"))):
            raise PydanticCustomError("blob-keys-missing", "endpoint, access key and secret key")
        return url

    @field_validator("blob_secret_key")
    @classmethod
    def _check_blob_keys(cls, secret: str | None, found: ValidationInfo) -> str | None:
        named = (found.data.get("blob_endpoint"), found.data.get("blob_access_key"), secret)
        if found.data.get("blob_url") is not None and not all(named):
            raise PydanticCustomError("blob-keys-missing", "endpoint, access key and secret key")
        return secret

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
    def dicom_socket(self) -> Path:
        """Where the DICOM process waits for web."""
        return self.worker_socket.with_name("dicom.sock")

    def media_socket(self, number: int) -> Path:
        """Where this media process, counted from 1, waits for web."""
        name = "media" if number == 1 else f"med-{number}"  # no longer than the worker's
        return self.worker_socket.with_name(f"{name}.sock")

    def media_outbox(self, number: int) -> Path:
        """Where the recordings of this media process wait for web."""
        return self.data_dir / "media" / ("outbox" if number == 1 else f"outbox-{number}")

    @property
    def dicom_folder(self) -> Path:
        """Where objects of the DICOM network lie on their way in and out."""
        return self.data_dir / "dicom"

    @property
    def typesetter_socket(self) -> Path:
        """Where the jail listens that sets documents."""
        return self.worker_socket.with_name("papers.sock")
