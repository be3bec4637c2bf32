"""Compiled templates, kept beside their sources as Python keeps its own: a start compiles none.

Whoever may write there may write the templates themselves. A file that is torn, or was made from
another source, with other options or by another Jinja, is made anew; where the folder cannot be
written, nothing is kept.
"""

import contextlib
import hashlib
import marshal
import sys
import tempfile
from pathlib import Path
from typing import Final

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

_FOLDER: Final = "__pycache__"  # one that git, wheels and editors leave alone already
_DIGEST_BYTES: Final = hashlib.sha256().digest_size


class CompiledTemplates(BytecodeCache):
    """The compiled templates of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The name of the file; a folder that was moved keeps what it has."""
        del filename
        return f"{name.replace('/', '.')}.{sys.implementation.cache_tag}.pyc"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, if it is whole and would be made the same again."""
        with contextlib.suppress(OSError):
            kept = (self._folder / bucket.key).read_bytes()
            seal, body = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
            if seal == _seal(bucket, body):
                bucket.code = marshal.loads(body)  # noqa: S302 - as Python reads its own

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it whole or not at all."""
        if sys.dont_write_bytecode or bucket.code is None:
            return
        body = marshal.dumps(bucket.code)
        with contextlib.suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                file.write(_seal(bucket, body) + body)
            Path(file.name).replace(self._folder / bucket.key)


def _seal(bucket: Bucket, body: bytes) -> bytes:
    options = bucket.environment
    maker = (
        *(jinja2.__version__, sys.version),
        *(options.autoescape, options.trim_blocks, options.lstrip_blocks),
    )
    return hashlib.sha256(f"{maker!r} {bucket.checksum}".encode() + body).digest()
