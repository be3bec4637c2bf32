"""Opening a file that its writer has let go: on Windows nobody may be writing it at that moment."""

import sys
from typing import BinaryIO

if sys.platform == "win32":
    import ctypes
    import msvcrt
    import os

    _READ = 0x80000000  # GENERIC_READ
    _SHARE_READ = 1
    _EXISTING = 3
    _NORMAL = 0x80
    _INVALID = ctypes.c_void_p(-1).value

    def open_alone(path: str) -> BinaryIO:
        """Read a file beside other readers only; raises OSError while a writer has it open."""
        open_file = ctypes.windll.kernel32.CreateFileW
        open_file.restype = ctypes.c_void_p
        handle = open_file(path, _READ, _SHARE_READ, None, _EXISTING, _NORMAL, None)
        if handle == _INVALID:
            raise ctypes.WinError()
        return os.fdopen(msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY), "rb")

else:

    def open_alone(path: str) -> BinaryIO:
        """Read a file; no lock of a writer is known here, so that rest and size must do."""
        return open(path, "rb")  # noqa: PTH123 - the path is a text here, as it is on Windows
