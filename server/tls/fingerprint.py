"""A fingerprint as people compare it: by voice, in groups."""

_GROUP = 4


def spaced(digest: bytes) -> str:
    """Capital hexadecimal digits in groups of four."""
    text = digest.hex().upper()
    return " ".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))
