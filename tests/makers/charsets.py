"""Objects whose patient's name is bytes of any character set."""

from collections.abc import Sequence

from tests.makers.hostile import SECONDARY_CAPTURE, description, element, part10


def named_object(
    charset: Sequence[str], name: bytes, *, uid: str = "2.25.77", group: str = "2.25.78"
) -> bytes:
    """A small picture of somebody."""
    data_set = b"".join(
        (
            element(0x0008, 0x0005, "CS", "\\".join(charset).encode()),
            element(0x0008, 0x0016, "UI", SECONDARY_CAPTURE.encode()),
            element(0x0008, 0x0018, "UI", uid.encode()),
            element(0x0008, 0x0060, "CS", b"OT"),
            element(0x0010, 0x0010, "PN", name),
            element(0x0020, 0x000D, "UI", group.encode()),
            element(0x0020, 0x000E, "UI", f"{group}.1".encode()),
            description(),
            element(0x7FE0, 0x0010, "OW", bytes(16)),
        )
    )
    return part10(data_set)
