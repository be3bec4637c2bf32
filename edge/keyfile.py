"""The one key of the spool: a file of the user's own, on Windows sealed to her account (DPAPI)."""

import contextlib
import os
import secrets
import sys
from pathlib import Path
from typing import Final

from edge.cipher import KEY_BYTES
from edge.disk import write_file

_NAME: Final = "key"


class KeyLostError(Exception):
    """There is a spool and no key to it: nothing in it can be read."""


def load_key(folder: Path, *, may_make: bool) -> bytes:
    """The key of this folder; a new one where nothing lies here yet. Raises KeyLostError."""
    path = folder / _NAME
    with contextlib.suppress(FileNotFoundError):
        key = _unprotect(path.read_bytes())
        if len(key) != KEY_BYTES:
            raise KeyLostError
        return key
    if not may_make:
        raise KeyLostError
    key = secrets.token_bytes(KEY_BYTES)
    write_file(path, [_protect(key)])
    return key


def forget_key(folder: Path) -> None:
    """Overwrite the key, then remove it: without it the spool's bytes are noise."""
    path = folder / _NAME
    with contextlib.suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Blob(ctypes.Structure):
        _fields_ = (("size", wintypes.DWORD), ("data", ctypes.POINTER(ctypes.c_char)))

    def _protect(key: bytes) -> bytes:
        return _by_windows(ctypes.windll.crypt32.CryptProtectData, key)

    def _unprotect(stored: bytes) -> bytes:
        return _by_windows(ctypes.windll.crypt32.CryptUnprotectData, stored)

    def _by_windows(step: "ctypes._FuncPointer", data: bytes) -> bytes:
        """CryptProtectData and its reverse, for the user who is signed in."""
        held = ctypes.create_string_buffer(data, len(data))
        given, made = _Blob(len(data), held), _Blob()
        if not step(ctypes.byref(given), None, None, None, None, 0, ctypes.byref(made)):
            raise KeyLostError
        try:
            return ctypes.string_at(made.data, made.size)
        finally:
            ctypes.windll.kernel32.LocalFree(made.data)

else:

    def _protect(key: bytes) -> bytes:
        """Elsewhere the file's own rights keep it (0600)."""
        return key

    def _unprotect(stored: bytes) -> bytes:
        return stored
