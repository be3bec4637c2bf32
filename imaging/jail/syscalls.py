"""The system calls a child may make: an allow-list, everything else answers EPERM (seccomp)."""

import errno
from typing import Any, Final

_PROT_EXEC: Final = 4

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


def make_filter() -> Any | None:
    """Return the filter, to be loaded in each child; None where libseccomp is missing."""
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
    return made


def _add(made: Any, action: int, name: str, *checks: Any) -> None:
    try:
        made.add_rule(action, name, *checks)
    except (OSError, ValueError):
        # A call that this architecture or this libseccomp does not know stays denied.
        return
