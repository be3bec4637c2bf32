"""How a campaign is repeated: each prints its seed, and takes one from LIANZHEN_SEED."""

import os
import random
import secrets


def is_whole() -> bool:
    """Whether the campaign runs whole (`make campaign`), or only its slice of `make test`."""
    return os.environ.get("LIANZHEN_CAMPAIGN") == "whole"


def make_seed(name: str) -> random.Random:
    """Chance that can be had again: LIANZHEN_SEED=… repeats it."""
    seed = os.environ.get("LIANZHEN_SEED") or secrets.token_hex(4)
    print(f"{name}: LIANZHEN_SEED={seed}")  # noqa: T201 - shown when the test fails
    return random.Random(f"{name} {seed}")  # noqa: S311 - no secret


def derive(seed: random.Random) -> random.Random:
    """A chance of its own for one of several clients."""
    return random.Random(seed.random())  # noqa: S311 - as above
