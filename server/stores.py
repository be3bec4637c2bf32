"""Where an installation keeps its images: for the server and every command that reads them."""

from consult.blobs.folder import FolderStore
from consult.blobs.store import BlobStore
from server.settings import Settings


def make_store(settings: Settings) -> BlobStore:
    """Where this installation keeps its images."""
    if settings.blob_url is None:
        return FolderStore(settings.blob_dir)
    from consult.blobs.s3 import S3Place, S3Store  # noqa: PLC0415 - only a grown house waits for it

    bucket, _, prefix = settings.blob_url.removeprefix("s3://").strip("/").partition("/")
    place = S3Place(
        bucket=bucket,
        prefix=prefix or None,
        endpoint=settings.blob_endpoint or "",
        region=settings.blob_region,
        access_key_id=settings.blob_access_key or "",
        secret_access_key=settings.blob_secret_key or "",
    )
    return S3Store(place)
