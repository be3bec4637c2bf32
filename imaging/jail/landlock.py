"""Landlock by raw system calls: no path may be opened any more (kernel 5.13 and later)."""

import ctypes
import os
from typing import Final

# The numbers are the same on every architecture (asm-generic).
_CREATE_RULESET: Final = 444
_RESTRICT_SELF: Final = 446
_VERSION_FLAG: Final = 1
_FILE_RIGHTS: Final = 13
# ABI from which a further right, or kind of right, exists.
_REFER_ABI: Final = 2
_TRUNCATE_ABI: Final = 3
_NETWORK_ABI: Final = 4
_IOCTL_ABI: Final = 5
_SCOPE_ABI: Final = 6
_BOTH: Final = 0b11

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


def landlock_abi() -> int:
    """Return the kernel's Landlock version, 0 where it has none."""
    found = _libc.syscall(
        ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG)
    )
    return max(0, int(found))


def deny_all_paths(abi: int) -> None:
    """Handle every right that the kernel knows and allow none: files, TCP, signals outward."""
    rights = _FILE_RIGHTS + sum(abi >= since for since in (_REFER_ABI, _TRUNCATE_ABI, _IOCTL_ABI))
    ruleset = _Ruleset(
        handled_access_fs=(1 << rights) - 1,
        handled_access_net=_BOTH if abi >= _NETWORK_ABI else 0,
        scoped=_BOTH if abi >= _SCOPE_ABI else 0,
    )
    descriptor = _libc.syscall(
        ctypes.c_long(_CREATE_RULESET),
        ctypes.byref(ruleset),
        ctypes.c_size_t(ctypes.sizeof(ruleset)),
        ctypes.c_uint32(0),
    )
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    try:
        if _libc.syscall(
            ctypes.c_long(_RESTRICT_SELF), ctypes.c_int(descriptor), ctypes.c_uint32(0)
        ):
            raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    finally:
        os.close(descriptor)
