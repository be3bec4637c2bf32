"""The system calls a child may make: an allow-list, everything else answers EPERM (seccomp)."""

import ctypes
import errno
import os
from typing import Any, Final

_PROT_EXEC: Final = 4
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_INSTRUCTION_BYTES: Final = 8

_libc = ctypes.CDLL(None, use_errno=True)

# Bytes to and from the descriptors it was given, memory, its own end. No open, no socket, no
# clone, no exec, no ptrace, no kill, no prlimit.
_ALLOWED: Final = [
    "brk",
    "clock_getres",
    "clock_gettime",
    "close",
    "close_range",
    "dup",
    "exit",
    "exit_group",
    "fcntl",
    "fdatasync",
    "fstat",
    "fsync",
    "ftruncate",
    "futex",
    "getpid",
    "getrandom",
    "getrusage",
    "gettid",
    "gettimeofday",
    "lseek",
    "madvise",
    "membarrier",
    "mincore",
    "mremap",
    "munmap",
    "poll",
    "ppoll",
    "pread64",
    "preadv",
    "preadv2",
    "pwrite64",
    "pwritev",
    "read",
    "readv",
    "restart_syscall",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sched_yield",
    "sched_getaffinity",
    "sigaltstack",
    "time",
    "times",
    "write",
    "writev",
]
# `fstat` of newer C libraries: the descriptor itself, by an empty path.
_AT_EMPTY_PATH: Final = 0x1000
# Memory may be mapped and protected, but never made executable.
_WITHOUT_EXEC: Final = (("mmap", 2), ("mprotect", 2))


class _Program(ctypes.Structure):
    """What the kernel takes (struct sock_fprog)."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def make_filter() -> bytes | None:
    """Return the filter as the kernel takes it, made once; None where libseccomp is missing.

    Each child loads the finished program: to make it takes longer than to look at a picture.
    """
    try:
        import pyseccomp as seccomp  # noqa: PLC0415  # raises where the system library is missing
    except (ImportError, RuntimeError):
        return None
    made = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))
    for name in _ALLOWED:
        _add(made, seccomp.ALLOW, name)
    for name, argument in _WITHOUT_EXEC:
        check = seccomp.Arg(argument, seccomp.MASKED_EQ, _PROT_EXEC, 0)
        _add(made, seccomp.ALLOW, name, check)
    itself = seccomp.Arg(3, seccomp.MASKED_EQ, _AT_EMPTY_PATH, _AT_EMPTY_PATH)
    _add(made, seccomp.ALLOW, "newfstatat", itself)
    with os.fdopen(os.memfd_create("filter", os.MFD_CLOEXEC), "w+b", buffering=0) as written:
        made.export_bpf(written)
        return os.pread(written.fileno(), os.fstat(written.fileno()).st_size, 0)


def load_filter(program: bytes) -> None:
    """From now on this process makes no other system call; nothing takes it back."""
    told = _Program(len(program) // _INSTRUCTION_BYTES, program)
    unused = ctypes.c_ulong(0)
    if _libc.prctl(
        _PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(told), unused, unused
    ):
        raise OSError(ctypes.get_errno(), "seccomp")


def _add(made: Any, action: int, name: str, *checks: Any) -> None:
    try:
        made.add_rule(action, name, *checks)
    except (OSError, ValueError):
        # A call that this architecture or this libseccomp does not know stays denied.
        return
