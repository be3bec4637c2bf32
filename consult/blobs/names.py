"""What the key of a blob looks like: an institution's id and a blob's own."""

from consult.blobs.errors import BlobMissingError


def parse_key(key: str) -> tuple[str, str]:
    """Institution and blob; raises BlobMissingError for what could lead anywhere else."""
    institution_id, _, blob_id = key.partition("/")
    if not (_is_plain(institution_id) and _is_plain(blob_id)):
        raise BlobMissingError(key)
    return institution_id, blob_id


def _is_plain(word: str) -> bool:
    """Whether a word of a key can be nothing but a name: no dot, no slash, not empty."""
    return word.isascii() and word.replace("-", "").isalnum()
