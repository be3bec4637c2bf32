"""What a zygote has loaded lies on large pages where the kernel has them, and works either way."""

from imaging.jail.pages import _own_ranges, collapse_memory

_MAPS = """\
55d0c0000000-55d0c0400000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000a00000 rw-p 00000000 00:00 0
7f0001000000-7f0001a00000 r-xp 00000000 08:01 42                         /usr/lib/libc.so.6
7f0002000000-7f0002a00000 rw-p 00000000 08:01 42                         /usr/lib/libc.so.6
7f0003000000-7f0003a00000 rw-s 00000000 00:01 7                          /memfd:picture (deleted)
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
"""


def test_only_what_is_ours_alone_is_moved() -> None:
    assert list(_own_ranges(_MAPS)) == [
        (0x55D0C0000000, 0x55D0C0400000),
        (0x7F0000000000, 0x7F0000A00000),
    ]


def test_what_was_in_memory_is_there_afterwards() -> None:
    held = [bytes([number]) * (1 << 20) for number in range(8)]
    assert collapse_memory() >= 0
    assert held == [bytes([number]) * (1 << 20) for number in range(8)]
