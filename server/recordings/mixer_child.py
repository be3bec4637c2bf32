"""What becomes the hospital's own ffmpeg: bounded first, so that it only reads and reckons.

Started with the parent's id, bytes of memory, seconds of processor, and then the program's words.
"""

import os
import resource
import sys
from typing import Final

from imaging.jail.limits import die_with_parent, renounce_privileges

_NICEST: Final = 19


def main(words: list[str]) -> None:
    """Bound oneself, and become the program; it writes no file, and dies with who started it."""
    parent, memory_bytes, cpu_s = (int(each) for each in words[:3])
    die_with_parent(parent)
    os.nice(_NICEST)
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    renounce_privileges()
    os.execve(words[3], words[3:], {})  # noqa: S606 - the administrator's own program


if __name__ == "__main__":
    main(sys.argv[1:])
