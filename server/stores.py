"""Where an installation keeps its images: for the server and every command that reads them."""

from pathlib import Path

from consult.blobs.folder import FolderStore
from consult.blobs.store import BlobStore
from consult.blobs.tiers import TieredStore
from server.settings import Settings


def make_store(settings: Settings) -> BlobStore:
    """Where this installation keeps its images; with a colder store, both behind one face."""
    warm = _bucket(settings, settings.blob_url) if settings.blob_url else _folder(settings.blob_dir)
    if settings.cold_dir is not None:
        return TieredStore(warm, _folder(settings.cold_dir))
    if settings.cold_url is not None:
        return TieredStore(warm, _bucket(settings, settings.cold_url))
    return warm


def _folder(folder: Path) -> BlobStore:
    return FolderStore(folder)


def _bucket(settings: Settings, url: str) -> BlobStore:
    from consult.blobs.s3 import S3Place, S3Store  # noqa: PLC0415 - only a grown house waits for it

    bucket, _, prefix = url.removeprefix("s3://").strip("/").partition("/")
    place = S3Place(
        bucket=bucket,
        prefix=prefix or None,
        endpoint=settings.blob_endpoint or "",
        region=settings.blob_region,
        access_key_id=settings.blob_access_key or "",
        secret_access_key=settings.blob_secret_key or "",
    )
    return S3Store(place)
